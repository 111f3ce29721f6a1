/**
 * Runs every trace of test/traces/: what happens to the engine (`>`), and what it wants done (`<`). A trace declares its
 * derivations first, then reads like a log. `ACCEPT=1` rewrites the `<` lines, and the run does not count as passed.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { derivationTable } from '../src/core/derivation-goal.ts';
import { substitutionTable } from '../src/core/substitution-goal.ts';
import { replay } from './trace-replay.ts';

/** `kind: state × event` of everything that has happened to a goal. */
const seen = new Set<string>();

const folder = new URL('../../../test/traces/', import.meta.url);

for (const name of readdirSync(folder)
  .filter((file) => file.endsWith('.txt'))
  .sort()) {
  t.test(name, async (t) => {
    const file = new URL(name, folder);
    const text = readFileSync(file, 'utf8');
    const actual = replay(text, (goal, event) => seen.add(`${goal.kind}: ${goal.state} × ${event.type}`));
    if (process.env['ACCEPT'] === '1') {
      writeFileSync(file, actual);
      t.fail('rewritten, not compared');
    } else {
      t.equal(actual, text);
    }
  });
}

t.test('every row of the goal tables is in some trace', async (t) => {
  const missing = (table: Readonly<Record<string, Readonly<Record<string, unknown>>>>, kind: string) =>
    Object.entries(table).flatMap(([state, row]) =>
      Object.keys(row)
        .map((event) => `${kind}: ${state} × ${event}`)
        .filter((pair) => !seen.has(pair)),
    );
  t.same(missing(derivationTable, 'derivation'), []);
  t.same(missing(substitutionTable, 'substitution'), []);
});
