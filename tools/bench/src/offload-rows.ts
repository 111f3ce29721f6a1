/**
 * Builds on other machines over a long way: how often two machines wait for each other, and what the way costs a build. The
 * machines are real sshd processes with a Cooper behind each; the way is a proxy that delays what passes, and counts.
 */
import type { Test } from 'tap';
import { skip } from '../../../test/functional/offload/far-machine.ts';
import { type Farm, startFarm } from '../../../test/functional/offload/farm.ts';
import { shell } from '../../../test/functional/scheduler/running-table.ts';
import { type DelayingProxy, startDelayingProxy } from '../../../test/support/delaying-proxy.ts';
import { type Bench, clock } from './bench.ts';
import { figures } from './row.ts';

/** Each way, in ms. */
const delay = 50;
const jobs = 3;

interface LongWay {
  readonly farm: Farm;
  readonly proxies: readonly DelayingProxy[];
}

export async function offloadRows(bench: Bench): Promise<void> {
  const [few, many] = bench.options.quick ? [10, 30] : [50, 500];
  const apart = 2 * delay;
  await bench.row({
    name: `${few} builds on a machine behind ${apart} ms, one after the other`,
    unit: 'round trips each',
    aim: { most: 1.2 },
    measure: async () => ({ cooper: figures([await countTrips(few)]) }),
  });
  const beyond = `${many} builds of a second on two machines behind ${apart} ms, ${2 * jobs} at once`;
  const near = `${many} builds of a second on two machines without delay, ${2 * jobs} at once`;
  for (const [name, wait] of [
    [near, 0],
    [beyond, delay],
  ] as const) {
    const unit = 'ms each, beyond the second';
    await bench.row({ name, unit, measure: async () => ({ cooper: figures([await timeBeyond(many, wait)]) }) });
  }
  const [short, long] = [near, beyond].map((name) => bench.figuresOf(name)?.median);
  if (short === undefined || long === undefined) return;
  await bench.row({
    name: `${many} builds of a second on two machines behind ${apart} ms: what the way costs`,
    unit: 'round trips each',
    aim: { most: 1.2 },
    measure: async () => ({ cooper: figures([(long - short) / apart]) }),
  });
}

/** How often a machine and this one wait for each other, for each of `count` builds that take no time. */
async function countTrips(count: number): Promise<number> {
  return await overLongWay(['far'], { jobs: 1, delay }, async ({ farm, proxies }) => {
    const targets = await openAndAdd(farm, count, 0);
    const trips = () => proxies.reduce((sum, { roundTrips }) => sum + roundTrips, 0);
    const before = trips();
    await build(farm, targets);
    return (trips() - before) / count;
  });
}

/** What each of `count` builds of a second takes of the time of a slot, in ms, beyond that second. */
async function timeBeyond(count: number, delay: number): Promise<number> {
  return await overLongWay(['one', 'two'], { jobs, delay }, async ({ farm }) => {
    const targets = await openAndAdd(farm, count, 1);
    const took = await clock(() => build(farm, targets));
    return (took * 2 * jobs) / count - 1000;
  });
}

/** Gives what `work` makes of machines of these names, to each of which one connection must be enough. */
async function overLongWay(
  names: readonly string[],
  { jobs, delay }: { readonly jobs: number; readonly delay: number },
  work: (way: LongWay) => Promise<number>,
): Promise<number> {
  if (skip) throw new Error(skip);
  const ends: (() => unknown)[] = [];
  const scope = { teardown: (end: () => unknown) => ends.push(end) } as unknown as Test;
  try {
    const machine = { entry: { jobs }, settings: { 'max-jobs': jobs } };
    const farm = await startFarm(scope, Object.fromEntries(names.map((name) => [name, machine])));
    const proxies: DelayingProxy[] = [];
    for (const name of names) {
      const proxy = await startDelayingProxy(farm.machines[name]?.port ?? 0, { delay });
      ends.push(() => proxy.close());
      proxies.push(proxy);
      farm.describe({ [name]: { port: proxy.port } });
    }
    const figure = await work({ farm, proxies });
    const connections = proxies.map((proxy) => proxy.connections);
    if (connections.some((count) => count !== 1)) throw new Error(`${connections.join()} connections, not one to each`);
    return figure;
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** Derivations, when as many builds as there are slots have opened the ways, and brought what all builds need. */
async function openAndAdd(farm: Farm, count: number, seconds: number): Promise<readonly string[]> {
  const slots = 2 * jobs;
  const targets: string[] = [];
  for (let index = 0; index < count + slots; index++) {
    targets.push(await farm.add(shell(`far-${index}`, `sleep ${seconds}; echo > $out`)));
  }
  await build(farm, targets.slice(0, slots));
  return targets.slice(slots);
}

async function build(farm: Farm, targets: readonly string[]): Promise<void> {
  const { statuses, agents, message } = await farm.build(targets);
  if (statuses.some((status) => status !== 'built')) throw new Error(message);
  if (agents.some((agent) => !agent.startsWith('offload: '))) throw new Error('not all of them were built there');
}
