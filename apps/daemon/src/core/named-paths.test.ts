import t from 'tap';
import { checkPlace, validCandidate, wellFormed } from './named-paths.ts';

const store = '/gnu/store';
const path = `${store}/1w11vmkpy35rwy2y004b5cm2kshminc1-sub-solo`;

t.test('where a path must lie, in the reference’s words', async (t) => {
  for (const text of [path, `${path}.drv!lib`, `${store}/short-name`]) checkPlace(store, text);
  for (const text of ['/etc/passwd', store, `${store}/`, `${store}s/x`, `${path}/bin`, '', 'gnu/store/x'])
    t.throws(() => checkPlace(store, text), {
      code: 'invalid-store-path',
      message: `path \`${text}' is not in the store`,
    });
});

t.test('sets are sorted, and hold what can be valid', async (t) => {
  const other = `${store}/0w11vmkpy35rwy2y004b5cm2kshminc1-sub-solo`;
  t.strictSame(wellFormed(store, [path, other, path, `${store}/short`]), [other, path]);
  t.throws(() => validCandidate(store, `${store}/short`), { message: `path \`${store}/short' is not valid` });
});
