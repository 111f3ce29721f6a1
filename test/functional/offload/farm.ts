/** A table of ours with other machines around it, which believe each other's keys. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { toBytes } from '@cooper/byte-string';
import type { SchedulerEvent } from '@cooper/contracts';
import { makeSecretKey, parseSecretKey, printAdvanced, type SecretKey } from '@cooper/signature';
import type { Test } from 'tap';
import { authoriseKeys } from '../../../apps/store/test/caches.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { type RunningTable, startTable } from '../scheduler/running-table.ts';
import { type FarMachine, startFarMachine } from './far-machine.ts';
import type { Host } from './hosts.ts';

/** A machine of the farm: what the file says of it beside where it is, and what stands for `cooper remote` there. */
export interface FarmMachine {
  readonly entry?: Readonly<Record<string, unknown>>;
  readonly command?: string;
  /** What its `cooper.json` says. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly host?: Host;
  /** Whether each side believes the key of the other; they do unless said. */
  readonly isTrusting?: boolean;
  readonly isTrusted?: boolean;
}

export interface Farm extends RunningTable {
  readonly machines: Readonly<Record<string, FarMachine>>;
  readonly machinesFile: string;
  /** Writes the file of machines again; `changes` are put over the entries, by name. */
  describe(changes: Readonly<Record<string, Readonly<Record<string, unknown>>>>): void;
  /** Builds, and gives how it ended and what was told on the way. */
  build(targets: readonly string[], options?: Readonly<Record<string, unknown>>): Promise<FarmBuild>;
}

export interface FarmBuild {
  readonly statuses: readonly string[];
  readonly events: readonly SchedulerEvent[];
  readonly message: string | undefined;
  /** Who has done each, in the order in which they were begun. */
  readonly agents: readonly string[];
  readonly log: string;
  readonly remarks: string;
  readonly outputs: readonly string[];
}

interface FarmOptions {
  /** Beside the machines, in the file. */
  readonly document?: Readonly<Record<string, unknown>>;
  readonly given?: Readonly<Record<string, string | true>>;
}

export async function startFarm(
  t: Test,
  wanted: Readonly<Record<string, FarmMachine>>,
  { document = {}, given = {} }: FarmOptions = {},
): Promise<Farm> {
  const far = temporaryDirectory(t);
  const machinesFile = `${far}/machines.json`;
  const machines: Record<string, FarMachine> = {};
  let changed: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {};
  const describe = (changes: typeof changed) => {
    changed = { ...changed, ...changes };
    const entries = Object.entries(machines).map(([name, { entry }]) => ({
      ...entry,
      ...wanted[name]?.entry,
      ...changed[name],
    }));
    writeFileSync(machinesFile, JSON.stringify({ machines: entries, ...document }));
  };
  const directory = temporaryDirectory(t);
  const ours = makeKey(`${directory}/state`);
  const believed: SecretKey[] = [];
  for (const [name, { isTrusting = true, isTrusted = true, ...rest }] of Object.entries(wanted)) {
    const place = `${far}/${name}`;
    mkdirSync(place);
    machines[name] = await startFarMachine(t, { name, world: directory, directory: place, ...rest });
    const theirs = makeKey(`${place}/world/state`);
    authoriseKeys(`${place}/world/state`, isTrusting ? [ours] : []);
    if (isTrusted) believed.push(theirs);
  }
  authoriseKeys(`${directory}/state`, believed);
  describe({});
  const directories = { 'store-dir': `${directory}/store`, 'state-dir': `${directory}/state` };
  const table = await startTable(t, { ...directories, 'machines-file': machinesFile, ...given });
  return {
    ...table,
    directory,
    machines,
    machinesFile,
    describe,
    build: (targets, options = {}) => build(table, targets, options),
  };
}

async function build({ scheduler }: RunningTable, targets: readonly string[], options: object): Promise<FarmBuild> {
  const events: SchedulerEvent[] = [];
  const request = { targets: [...targets], mode: 'normal', options } as const;
  const { results, message } = await scheduler.call('realise', request, { onItem: (event) => void events.push(event) });
  const textOf = (kind: SchedulerEvent['event']) =>
    events
      .map((event) => (event.event === kind && 'data' in event ? Buffer.from(event.data as Uint8Array) : ''))
      .join('');
  return {
    statuses: results.map(({ status }) => status),
    events,
    message,
    agents: events.flatMap((event) => (event.event === 'build-started' ? [event.agent] : [])),
    log: textOf('build-log'),
    remarks: textOf('agent-remark'),
    outputs: results.flatMap(({ outputs }) => outputs.map(({ path }) => path)),
  };
}

/** Makes the key with which a store with this state directory signs. */
function makeKey(stateDir: string): SecretKey {
  const text = printAdvanced(makeSecretKey(randomBytes(32)).secret);
  mkdirSync(`${stateDir}/etc`, { recursive: true });
  writeFileSync(`${stateDir}/etc/signing-key.sec`, text, { mode: 0o400 });
  return parseSecretKey(toBytes(text));
}
