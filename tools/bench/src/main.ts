/**
 * Compares Cooper with nix-daemon in one run, the two in turn: `npm run -s bench -- [--quick] [--alone] [WORD…]`. WORDs choose
 * the rows whose names have them; `--alone` leaves nix out. Prints a table.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { startCooper } from './cooper-side.ts';
import { fileRows, manyFiles } from './file-rows.ts';
import { type Measurement, measure, type Row, table } from './measure.ts';
import { startNix } from './nix-side.ts';
import { substituteRows } from './substitute-rows.ts';
import { chain, graph, independent } from './workload.ts';

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const quick = process.argv.includes('--quick');
const alone = process.argv.includes('--alone');

interface Group {
  readonly sandbox: boolean;
  readonly maxJobs: number;
  readonly measurements: readonly Measurement[];
}

const builds = (name: string, count: number, runs: number): Measurement => ({
  name,
  workload: () => independent(count),
  work: (side, added) => side.build(added),
  runs,
  divisor: count,
});

const chained = (name: string, count: number): Measurement => ({
  name,
  workload: () => chain(count),
  work: (side, added) => side.build(added),
  runs: quick ? 1 : 3,
  divisor: count,
});

const groups: readonly Group[] = [
  {
    sandbox: true,
    maxJobs: 2,
    measurements: [
      builds('100 builds, sandbox', 100, 3),
      builds('300 builds, sandbox', 300, quick ? 1 : 3),
      chained('chain of 100, sandbox', 100),
    ],
  },
  {
    sandbox: false,
    maxJobs: 2,
    measurements: [
      builds('100 builds, no sandbox', 100, 3),
      builds('300 builds, no sandbox', 300, quick ? 1 : 3),
      ...(quick ? [] : [builds('3000 builds, no sandbox', 3000, 1)]),
      chained('chain of 100, no sandbox', 100),
    ],
  },
  {
    sandbox: true,
    maxJobs: 0,
    measurements: [
      {
        name: 'goals for 10,000 derivations, fan 5',
        workload: () => graph(10_000, 5),
        work: (side, added) => side.plan(added),
        runs: 1,
        divisor: 1,
      },
      {
        name: 'dry run of 10,000 derivations, fan 5',
        workload: () => graph(10_000, 5),
        work: (side, added) => side.dryRun(added),
        runs: 1,
        divisor: 1,
      },
    ],
  },
  {
    sandbox: false,
    maxJobs: 0,
    measurements: [
      {
        name: 'collect 10,000 dead files',
        workload: () => independent(10_000),
        work: (side) => side.collect(),
        runs: quick ? 1 : 3,
        divisor: 1,
      },
      {
        name: 'collect a dead graph of 10,000, fan 5',
        workload: () => graph(10_000, 5),
        work: (side) => side.collect(),
        runs: quick ? 1 : 3,
        divisor: 1,
      },
      {
        name: 'verify the contents of a tree of 50,000 files',
        workload: () => independent(1),
        prepare: (side) => side.addTree(manyFilesTree()),
        work: (side) => side.verify(),
        runs: 3,
        divisor: 1,
      },
    ],
  },
];

const root = mkdtempSync(`${tmpdir()}/cooper-bench-`);
// Builds without a sandbox, as users of their own, have to get to the store.
chmodSync(root, 0o755);
const rows: Row[] = [];
for (const [index, group] of groups.entries()) rows.push(...(await runGroup(group, `${root}/${index}`)));
if (wants('tree')) rows.push(...(await fileRows(`${root}/files`, { quick, alone })));
rows.push(...(await substituteRows(`${root}/substitutes`, { quick, alone, wants })));
console.log(table(rows));
rmSync(root, { recursive: true, force: true });

async function runGroup({ sandbox, maxJobs, measurements }: Group, directory: string): Promise<readonly Row[]> {
  const wanted = measurements.filter(({ name }) => wants(name));
  if (wanted.length === 0) return [];
  const start = (name: string) => {
    mkdirSync(`${directory}/${name}`, { recursive: true });
    return { root: `${directory}/${name}`, sandbox, maxJobs };
  };
  const sides = [await startCooper(start('cooper')), ...(alone ? [] : [await startNix(start('nix'))])];
  const measured: Row[] = [];
  for (const measurement of wanted) {
    console.error(measurement.name);
    measured.push(await measure(sides, measurement));
  }
  for (const side of sides) await side.stop();
  return measured;
}

/** A tree for both sides, made when it is wanted. */
function manyFilesTree(): string {
  const tree = `${root}/many`;
  if (!existsSync(tree)) manyFiles(tree, quick ? 5000 : 50_000);
  return tree;
}

function wants(name: string): boolean {
  return words.length === 0 || words.some((word) => name.includes(word));
}
