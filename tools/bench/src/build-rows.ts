/** Trivial builds: one after the other, side by side, many, and such as are valid already. */
import { type Bench, clock, type RowPlan, race } from './bench.ts';
import type { Added, Side } from './side.ts';
import { chain, independent, onTopOf, type Workload } from './workload.ts';

interface Way {
  readonly name: string;
  readonly sandbox: boolean;
  /** Of the peer's time, for builds side by side and in a chain. */
  readonly aims: readonly [side: number, chain: number];
}

const ways: readonly Way[] = [
  { name: 'sandbox', sandbox: true, aims: [0.25, 0.4] },
  { name: 'no sandbox', sandbox: false, aims: [0.7, 0.8] },
];

interface Sides {
  readonly cooper: Side;
  readonly peer: Side | undefined;
}

export async function buildRows(bench: Bench): Promise<void> {
  const { quick } = bench.options;
  for (const { name: way, sandbox, aims } of ways) {
    const names = [`300 builds, ${way}`, `chain of 300, ${way}`];
    await bench.withSides({ sandbox, maxJobs: 2 }, names, async (cooper, peer) => {
      const runs = quick ? 1 : 3;
      const rows = [
        { name: names[0] as string, work: () => independent(300), aim: { ratio: aims[0] } },
        { name: names[1] as string, work: () => chain(300), aim: { ratio: aims[1] } },
      ];
      for (const { name, work, aim } of rows)
        await bench.row({ name, unit: 'ms each', aim, measure: () => buildAll({ cooper, peer }, work, runs) });
    });
  }
  if (!quick) await manyRows(bench);
}

/** Beside 300, which has a row above. */
const counts = [100, 1000];
const countName = (count: number) => `${count} builds at once`;
const growth = '3000 builds against 100, each';
const oneByOne = '3000 valid outputs, one by one';
const oneTop = 'one valid top of 3000';

async function manyRows(bench: Bench): Promise<void> {
  const names = [...counts, 3000].map(countName);
  await bench.withSides({ sandbox: false, maxJobs: 2 }, [...names, growth, oneByOne, oneTop], async (cooper, peer) => {
    const sides = { cooper, peer };
    for (const count of counts) {
      const measure = () => buildAll(sides, () => independent(count), count < 1000 ? 3 : 1);
      await bench.row({ name: countName(count), unit: 'ms each', measure });
    }
    const many = independent(3000);
    // Without the peer, whose time for each grows with their number: it would take minutes.
    const measure = () => buildAll({ cooper, peer: undefined }, () => many, 1, 0);
    await bench.row({ name: countName(3000), unit: 'ms each', measure });
    await bench.row(growthRow(bench));
    await validRows(bench, sides, many);
  });
}

/** Of Cooper alone: what a build costs more when it has many others beside it. */
function growthRow(bench: Bench): RowPlan {
  const measure = async () => {
    const [few, many] = [bench.figuresOf(countName(100)), bench.figuresOf(countName(3000))];
    if (few === undefined || many === undefined) throw new Error('it needs the rows of 100 and 3000 builds');
    return { cooper: { min: many.min / few.min, median: many.median / few.median } };
  };
  return { name: growth, unit: '×', aim: { most: 1.2 }, measure };
}

/** What has been built is asked for again, and then something that needs all of it. */
async function validRows(bench: Bench, { cooper, peer }: Sides, built: Workload): Promise<void> {
  const ask = (workload: Workload) => async () => {
    const again = async (side: Side) => {
      const added = await side.add(workload);
      await buildInParts(side, added);
      return () => clock(() => side.build(added));
    };
    return race({ runs: 5, cooper: await again(cooper), peer: peer === undefined ? undefined : await again(peer) });
  };
  await bench.row({ name: oneByOne, unit: 'ms', aim: { ratio: 0.5 }, measure: ask(built) });
  await bench.row({ name: oneTop, unit: 'ms', aim: { ratio: 1 }, measure: ask(onTopOf(built)) });
}

/** A few hundred at a time: the peer needs longer for each, the more it has to do. */
async function buildInParts(side: Side, { derivations, targets }: Added): Promise<void> {
  for (let from = 0; from < targets.length; from += 300)
    await side.build({ derivations, targets: targets.slice(from, from + 300) });
}

/** Each time what `work` gives: other derivations, unless nothing is to be built. */
function buildAll({ cooper, peer }: Sides, work: () => Workload, runs: number, warmUps = 1) {
  const once = async (side: Side) => {
    const workload = work();
    const added = await side.add(workload);
    return (await clock(() => side.build(added))) / workload.nodes.length;
  };
  return race({
    runs,
    warmUps,
    cooper: () => once(cooper),
    peer: peer === undefined ? undefined : () => once(peer),
  });
}
