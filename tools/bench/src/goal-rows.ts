/** Graphs of derivations for which goals are made and nothing is built: time, memory, and what others notice of it. */
import { type Bench, clock, type RowPlan, race } from './bench.ts';
import type { CooperSide } from './cooper-side.ts';
import { longestSilence } from './heartbeat.ts';
import { childrenOf, peakMemory } from './process-figures.ts';
import { figures } from './row.ts';
import type { Added, Side } from './side.ts';
import { graph, type Workload } from './workload.ts';

const goalsName = (count: number, fan: number) => `goals for ${count} derivations, fan ${fan}`;
const memoryName = 'memory of the scheduler at most, 10000 goals';
const silenceName = 'longest silence of the scheduler, 100000 goals';
const dryRunName = 'dry run of 10000 derivations, fan 5';

/** Past this many the peer takes minutes. */
const peerLimit = 10_000;

export async function goalRows(bench: Bench): Promise<void> {
  const counts = bench.options.quick ? [1000, 10_000] : [100, 1000, 10_000];
  const names = [...counts, 100_000].map((count) => goalsName(count, 5));
  const all = [...names, goalsName(10_000, 20), memoryName, dryRunName, silenceName];
  await bench.withSides({ sandbox: true, maxJobs: 0 }, all, async (cooper, peer) => {
    const graphs = new Map(counts.map((count) => [count, graph(count, 5)]));
    for (const [count, workload] of graphs) {
      const aim = count === 10_000 ? { ratio: 0.2 } : undefined;
      await bench.row(goalRow({ cooper, peer }, workload, { name: goalsName(count, 5), aim }));
      if (count === 10_000) await bench.row(memoryRow(cooper));
    }
    if (bench.options.quick) return;
    await bench.row(dryRunRow({ cooper, peer }, graphs.get(10_000) as Workload));
    await bench.row(goalRow({ cooper, peer }, graph(10_000, 20), { name: goalsName(10_000, 20), aim: { ratio: 0.1 } }));
    await largeRows(bench, cooper);
  });
}

interface Sides {
  readonly cooper: CooperSide;
  readonly peer: Side | undefined;
}

/** The same graph each time: nothing is kept of it, on either side. */
function goalRow(sides: Sides, workload: Workload, about: Pick<RowPlan, 'name'> & { aim?: RowPlan['aim'] }): RowPlan {
  const runs = workload.nodes.length < peerLimit ? 5 : 2;
  return {
    name: about.name,
    unit: 'ms',
    ...(about.aim === undefined ? {} : { aim: about.aim }),
    measure: () => compare(sides, workload, { runs, ask: (side, added) => side.plan(added) }),
  };
}

function dryRunRow(sides: Sides, workload: Workload): RowPlan {
  const work = { runs: 3, ask: (side: Side, added: Added) => side.dryRun(added) };
  return {
    name: dryRunName,
    unit: 'ms',
    aim: { ratio: 0.5 },
    measure: () => compare(sides, workload, work),
  };
}

interface Work {
  readonly runs: number;
  readonly ask: (side: Side, added: Added) => Promise<void>;
}

async function compare({ cooper, peer }: Sides, workload: Workload, { runs, ask }: Work) {
  const asking = async (side: Side) => {
    const added = await side.add(workload);
    return () => clock(() => ask(side, added));
  };
  return race({ runs, cooper: await asking(cooper), peer: peer === undefined ? undefined : await asking(peer) });
}

/** Its highest mark, for what was asked of it until now. */
function memoryRow(cooper: CooperSide): RowPlan {
  const measure = async () => {
    const scheduler = childrenOf(cooper.supervisor).get('cooper-schedule');
    if (scheduler === undefined) throw new Error('there is no scheduler');
    return { cooper: figures([peakMemory(scheduler)]) };
  };
  return { name: memoryName, unit: 'MiB', aim: { most: 150 }, measure };
}

/** Of Cooper alone: whether it is still linear, and whether others get an answer meanwhile. */
async function largeRows(bench: Bench, cooper: CooperSide): Promise<void> {
  const name = goalsName(100_000, 5);
  if (!bench.wants(name) && !bench.wants(silenceName)) return;
  const added = await cooper.add(graph(100_000, 5));
  await bench.row({
    name,
    unit: 'ms',
    measure: () => race({ runs: 2, warmUps: 0, cooper: () => clock(() => cooper.plan(added)) }),
  });
  const measure = async () => {
    const silence = await longestSilence(
      () => cooper.pulse('scheduler'),
      () => cooper.plan(added),
    );
    return { cooper: figures([silence]) };
  };
  await bench.row({ name: silenceName, unit: 'ms', aim: { most: 100 }, measure });
}
