/** The table of docs/security.md is true: each test that it names is there, and names the case. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const page = readFileSync(`${root}docs/security.md`, 'utf8');

/** The rows `| S01 | attack | `test`, `test` |`. */
const rows = [...page.matchAll(/^\| (S\d+) \|[^|]*\|([^|]*)\|$/gm)].map(([, id = '', tests = '']) => ({
  id,
  tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
}));

t.ok(rows.length > 50, `${rows.length} cases`);
t.equal(new Set(rows.map(({ id }) => id)).size, rows.length, 'each once');

for (const { id, tests } of rows) {
  t.ok(tests.length > 0, `${id} has a test`);
  for (const file of tests) {
    const named =
      existsSync(`${root}${file}`) && new RegExp(`\\b${id}\\b`).test(readFileSync(`${root}${file}`, 'utf8'));
    t.ok(named, `${id} in ${file}`);
  }
}
