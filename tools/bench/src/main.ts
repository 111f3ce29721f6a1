/**
 * Compares Cooper with nix-daemon in one run, the two in turn: `npm run -s bench -- [--quick] [--alone] [--write] [WORD…]`.
 * WORDs choose the rows whose names have them; `--alone` leaves nix out; `--write` puts the figures into
 * docs/performance.md. Prints a table. It is no test: figures that miss their aim do not make it fail.
 */
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Bench } from './bench.ts';
import { groups } from './groups.ts';
import { writePage } from './page.ts';
import { table } from './row.ts';

const flags = ['--quick', '--alone', '--write'];
const words = process.argv.slice(2).filter((word) => !flags.includes(word));
const [quick = false, alone = false, write = false] = flags.map((flag) => process.argv.includes(flag));

const root = mkdtempSync(`${tmpdir()}/cooper-bench-`);
// Builds without a sandbox, as users of their own, have to get to the store.
chmodSync(root, 0o755);
const bench = new Bench(root, { quick, alone, words });
const started = new Date();
try {
  for (const group of groups) {
    await group(bench).catch((error: unknown) => {
      console.error(error);
      bench.rows.push({ name: group.name, unit: '', result: 'the group could not be measured' });
    });
  }
  console.log(table(bench.rows));
  if (write) writePage(bench.rows, started);
} finally {
  bench.end();
}
// A peer that hangs must not keep the figures from whoever waits for them.
process.exit();
