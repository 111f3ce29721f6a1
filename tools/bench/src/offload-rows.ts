/**
 * Builds on another machine over a long way: how often the two wait for each other, and what a build costs beyond its own
 * second. The machine is a real sshd with a Cooper behind it; the way is a proxy that delays what passes, and counts.
 */
import type { Test } from 'tap';
import { skip } from '../../../test/functional/offload/far-machine.ts';
import { type Farm, startFarm } from '../../../test/functional/offload/farm.ts';
import { shell } from '../../../test/functional/scheduler/running-table.ts';
import { type DelayingProxy, startDelayingProxy } from '../../../test/support/delaying-proxy.ts';
import { type Bench, clock } from './bench.ts';
import { figures, type Measured } from './row.ts';

/** Each way, in ms. */
const delay = 50;
const jobs = 5;

interface LongWay {
  readonly farm: Farm;
  readonly proxy: DelayingProxy;
}

export async function offloadRows(bench: Bench): Promise<void> {
  const [few, many] = bench.options.quick ? [10, 40] : [50, 500];
  await bench.row({
    name: `${few} builds on a machine behind ${2 * delay} ms, one after the other`,
    unit: 'round trips each',
    aim: { most: 1.2 },
    measure: () => measure(few, 1, countTrips),
  });
  await bench.row({
    name: `${many} builds of a second on a machine behind ${2 * delay} ms, ${jobs} at once`,
    unit: 'ms each, beyond the second',
    measure: () => measure(many, jobs, timeBeyond),
  });
}

type Work = (way: LongWay, targets: readonly string[]) => Promise<number>;

/** Measures what `work` makes of so many builds, once the way is open. All of them go over one connection. */
async function measure(count: number, jobs: number, work: Work): Promise<Measured> {
  if (skip) throw new Error(skip);
  const ends: (() => unknown)[] = [];
  const scope = { teardown: (end: () => unknown) => ends.push(end) } as unknown as Test;
  try {
    const farm = await startFarm(scope, { far: { entry: { jobs }, settings: { 'max-jobs': jobs } } });
    const proxy = await startDelayingProxy(farm.machines['far']?.port ?? 0, { delay });
    ends.push(() => proxy.close());
    farm.describe({ far: { port: proxy.port } });
    const seconds = jobs === 1 ? 0 : 1;
    await build(farm, await add(farm, 1, seconds));
    const figure = await work({ farm, proxy }, (await add(farm, count + 1, seconds)).slice(1));
    if (proxy.connections !== 1) throw new Error(`${proxy.connections} connections to one machine`);
    return { cooper: figures([figure]) };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function countTrips({ farm, proxy }: LongWay, targets: readonly string[]): Promise<number> {
  const before = proxy.roundTrips;
  await build(farm, targets);
  return (proxy.roundTrips - before) / targets.length;
}

async function timeBeyond({ farm }: LongWay, targets: readonly string[]): Promise<number> {
  const took = await clock(() => build(farm, targets));
  return (took * jobs) / targets.length - 1000;
}

async function add(farm: Farm, count: number, seconds: number): Promise<readonly string[]> {
  const targets: string[] = [];
  for (let index = 0; index < count; index++) {
    targets.push(await farm.add(shell(`far-${index}`, `sleep ${seconds}; echo > $out`)));
  }
  return targets;
}

async function build(farm: Farm, targets: readonly string[]): Promise<void> {
  const { statuses, agents, message } = await farm.build(targets);
  if (statuses.some((status) => status !== 'built')) throw new Error(message);
  if (agents.some((agent) => agent !== 'offload: far')) throw new Error('not all of them were built there');
}
