/**
 * Builds on three hosts with networks of their own, of which one is cut off while it builds: to be run in a world of its own
 * (@cooper/replay). Writes what came of it to descriptor 3, as JSON.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { SchedulerEvent } from '@cooper/contracts';
import type { Test } from 'tap';
import { shell } from '../scheduler/running-table.ts';
import { type Farm, startFarm } from './farm.ts';
import { type Host, makeAccounts, makeHost } from './hosts.ts';

export interface ThreeHosts {
  /** Who built, on the first round; how many connections each host had had then. */
  readonly agents: readonly string[];
  readonly connections: readonly number[];
  /** On the second round: who began each derivation, in order; what is said of the host that was cut off. */
  readonly begun: Readonly<Record<string, readonly string[]>>;
  readonly reason: string | undefined;
}

const slots = 2;
const scope = { teardown: () => undefined } as unknown as Test;

async function start(hosts: readonly Host[]): Promise<Farm> {
  const settings = { 'max-jobs': slots };
  const machines = hosts.map((host, place) => {
    // The first one is chosen first.
    const speed = place === 0 ? 4 : 1;
    return [host.name, { host, settings, entry: { jobs: slots, patience: 25, speed } }] as const;
  });
  return await startFarm(scope, Object.fromEntries(machines), { given: { 'max-jobs': '0' } });
}

async function add(farm: Farm, name: string, script: string, count: number): Promise<readonly string[]> {
  const targets: string[] = [];
  for (let index = 0; index < count; index++) targets.push(await farm.add(shell(`${name}-${index}`, script)));
  return targets;
}

/** Builds as many as there are slots, and pulls the cable of `host` when it has begun one of them. */
async function buildAndCut(farm: Farm, host: Host, targets: readonly string[]): Promise<ThreeHosts['begun']> {
  const begun: Record<string, string[]> = {};
  let isCut = false;
  const onItem = (event: SchedulerEvent) => {
    if (event.event !== 'build-started') return;
    begun[event.derivation] = [...(begun[event.derivation] ?? []), event.agent];
    if (isCut || event.agent !== `offload: ${host.name}`) return;
    isCut = true;
    host.cut();
  };
  const wish = { targets: [...targets], mode: 'normal', options: {} } as const;
  const { results, message } = await farm.scheduler.call('realise', wish, { onItem });
  if (results.some(({ status }) => status !== 'built')) throw new Error(message);
  return begun;
}

/** Why a machine has been given up: said at the latest when its patience is over. */
async function reasonOf(farm: Farm, name: string): Promise<string | undefined> {
  const operators = await farm.table.machines();
  for (const end = Date.now() + 60_000; Date.now() < end; await delay(100)) {
    const { machines } = await operators.call('list', {});
    const reason = machines.find((machine) => machine.name === name)?.reason;
    if (reason !== undefined) return reason;
  }
  return undefined;
}

async function run(): Promise<ThreeHosts> {
  makeAccounts();
  const hosts = ['one', 'two', 'three'].map((name, index) => makeHost(name, index + 1));
  const [lost] = hosts;
  if (lost === undefined) throw new Error('no host');
  const farm = await start(hosts);
  const { agents, statuses, message } = await farm.build(await add(farm, 'short', 'echo > $out', 12));
  if (statuses.some((status) => status !== 'built')) throw new Error(message);
  const connections = Object.values(farm.machines).map((machine) => machine.connections());
  const long = await add(farm, 'long', 'sleep 5; echo > $out', hosts.length * slots);
  const begun = await buildAndCut(farm, lost, long);
  return { agents, connections, begun, reason: await reasonOf(farm, lost.name) };
}

try {
  writeFileSync(3, JSON.stringify(await run()));
  process.exit(0);
} catch (error) {
  console.error((error as Error).stack);
  process.exit(1);
}
