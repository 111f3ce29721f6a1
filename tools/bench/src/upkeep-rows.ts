/** The upkeep of a store: collection, verification, deduplication, and what others feel of it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Bench, clock, race } from './bench.ts';
import { manyFiles } from './file-rows.ts';
import { figures } from './row.ts';
import type { Side } from './side.ts';
import { graph, independent, single, type Workload } from './workload.ts';

const collections = [
  { name: 'collect 10000 dead files', work: () => independent(10_000), aim: { ratio: 1 } },
  { name: 'collect a dead graph of 10000, fan 5', work: () => graph(10_000, 5), aim: { ratio: 0.5 } },
];

export async function upkeepRows(bench: Bench): Promise<void> {
  const { quick } = bench.options;
  const files = quick ? 5000 : 50_000;
  const verification = `verify the contents of a tree of ${files} files`;
  const names = [...collections.map(({ name }) => name), verification];
  await bench.withSides({ sandbox: false, maxJobs: 0 }, names, async (cooper, peer) => {
    for (const { name, work, aim } of collections)
      await bench.row({ name, unit: 'ms', aim, measure: () => collect({ cooper, peer }, work, quick ? 1 : 2) });
    if (!bench.wants(verification)) return;
    const tree = `${bench.directory()}/many`;
    manyFiles(tree, files);
    for (const side of peer === undefined ? [cooper] : [cooper, peer]) await side.addTree(tree);
    const verify = (side: Side) => () => clock(() => side.verify());
    const measure = () =>
      race({ runs: 3, cooper: verify(cooper), peer: peer === undefined ? undefined : verify(peer) });
    await bench.row({ name: verification, unit: 'ms', aim: { ratio: 1 }, measure });
  });
  await optimisationRow(bench, quick ? 1000 : 10_000);
}

/** Two trees, the same but for their names, new ones each time. */
async function optimisationRow(bench: Bench, files: number): Promise<void> {
  const name = `optimise two equal trees of ${files} files of 16 KiB`;
  await bench.withSides({ sandbox: false, maxJobs: 0, deduplicates: false }, [name], async (cooper, peer) => {
    const once = async (side: Side) => {
      for (const tree of equalTrees(bench.directory(), files)) await side.addTree(tree);
      return clock(() => side.optimise());
    };
    const measure = () =>
      race({
        runs: 2,
        warmUps: 0,
        cooper: () => once(cooper),
        peer: peer === undefined ? undefined : () => once(peer),
      });
    await bench.row({ name, unit: 'ms', aim: { ratio: 1 }, measure });
  });
}

function equalTrees(directory: string, files: number): readonly string[] {
  const trees = ['first', 'second'].map((name) => `${directory}/${name}`);
  for (const tree of trees) {
    mkdirSync(tree);
    for (let index = 0; index < files; index++) {
      writeFileSync(`${tree}/f${index}`, Buffer.alloc(16_384, `${directory} ${index} `));
    }
  }
  return trees;
}

/** How long a build takes while the store collects many dead files, to how long it takes alone. */
export async function latencyRow(bench: Bench): Promise<void> {
  const dead = bench.options.quick ? 5000 : 100_000;
  const name = `a build during the collection of ${dead} dead files, to one alone`;
  await bench.withSides({ sandbox: true, maxJobs: 1 }, [name], async (cooper) => {
    const build = async () => {
      const added = await cooper.add(single('echo > $out'));
      return clock(() => cooper.build(added));
    };
    const measure = async () => {
      await cooper.add(independent(dead));
      const alone: number[] = [];
      for (let run = 0; run < 20; run++) alone.push(await build());
      const beside: number[] = [];
      let isCollecting = true;
      const collecting = cooper.collect().finally(() => {
        isCollecting = false;
      });
      while (isCollecting) beside.push(await build());
      await collecting;
      return { cooper: figures([figures(beside).median / figures(alone).median]) };
    };
    await bench.row({ name, unit: '×', aim: { most: 1.5 }, measure });
  });
}

interface Sides {
  readonly cooper: Side;
  readonly peer: Side | undefined;
}

/** Something new to collect each time. */
function collect({ cooper, peer }: Sides, work: () => Workload, runs: number) {
  const once = async (side: Side) => {
    await side.add(work());
    return clock(() => side.collect());
  };
  return race({ runs, cooper: () => once(cooper), peer: peer === undefined ? undefined : () => once(peer) });
}
