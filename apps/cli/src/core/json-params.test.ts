import { boolean, bytes, list, literal, nullable, record, union } from '@cooper/contracts';
import t from 'tap';
import { fromJson } from './json-params.ts';

const schema = record({
  plain: list(bytes()),
  maybe: nullable(bytes()),
  way: union('by', { name: { name: bytes() }, chance: { sure: boolean() } }),
  word: literal('a', 'b'),
});

t.test('bytes are strings, or base 64, wherever the contract has them', async (t) => {
  const json = { plain: ['ü', { base64: '/w==' }], maybe: null, way: { by: 'name', name: 'x' }, word: 'a', more: 1 };
  t.strictSame(fromJson(schema, json), {
    plain: [Buffer.from('ü'), Buffer.from([0xff])],
    maybe: null,
    way: { by: 'name', name: Buffer.from('x') },
    word: 'a',
    more: 1,
  });
});

t.test('what does not fit is left for the process to refuse', async (t) => {
  for (const wrong of [7, 'x', null, [1], { plain: 7, way: { by: 'nobody' }, maybe: 3 }]) {
    t.strictSame(fromJson(schema, wrong), wrong);
  }
});
