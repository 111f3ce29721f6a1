/**
 * Runs every trace of test/traces/: what happens to the engine (`>`), and what it wants done (`<`). A trace declares its
 * derivations first, then reads like a log. `ACCEPT=1` rewrites the `<` lines, and the run does not count as passed.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { replay } from './trace-replay.ts';

const folder = new URL('../../../../test/traces/', import.meta.url);

for (const name of readdirSync(folder)
  .filter((file) => file.endsWith('.txt'))
  .sort()) {
  t.test(name, async (t) => {
    const file = new URL(name, folder);
    const text = readFileSync(file, 'utf8');
    const actual = replay(text);
    if (process.env['ACCEPT'] === '1') {
      writeFileSync(file, actual);
      t.fail('rewritten, not compared');
    } else {
      t.equal(actual, text);
    }
  });
}
