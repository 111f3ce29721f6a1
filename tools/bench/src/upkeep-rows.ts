/** The upkeep of a store: collection and verification. */
import { type Bench, clock, race } from './bench.ts';
import { manyFiles } from './file-rows.ts';
import type { Side } from './side.ts';
import { graph, independent, type Workload } from './workload.ts';

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
