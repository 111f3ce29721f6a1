import { readFileSync } from 'node:fs';
import t from 'tap';
import { acceptedDifferences } from './accepted.ts';

t.test('every difference that is accepted has its reason in docs/differences.md', async (t) => {
  const page = readFileSync(new URL('../../../docs/differences.md', import.meta.url), 'utf8');
  const explained = [...page.matchAll(/^\| `([a-z-]+)` \|(.*)$/gm)];
  for (const [, name, row] of explained)
    t.equal(row?.split('|').filter((cell) => cell.trim() !== '').length, 3, `${name}`);
  const names = explained.map(([, name]) => name);
  for (const name of Object.keys(acceptedDifferences)) t.ok(names.includes(name), name);
});
