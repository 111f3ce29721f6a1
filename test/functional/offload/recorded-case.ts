/**
 * `recorded-case.ts FOLDER MACHINES`: plays the recorded scenario in FOLDER with other machines in the place of its build hook,
 * in a world of its own (@cooper/replay), and writes what came of each step to descriptor 3, as JSON. MACHINES, in JSON, is what
 * each machine is.
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@cooper/replay/client';
import { Daemon } from '@cooper/replay/daemon';
import { readRequest, type SetupStep, type StepResult } from '@cooper/replay/scenario';
import type { Test } from 'tap';
import { type FarMachine, startFarMachine } from './far-machine.ts';
import { makeAccounts } from './hosts.ts';

/** A machine for a scenario. */
export interface CaseMachine {
  readonly name: string;
  readonly entry?: Readonly<Record<string, unknown>>;
  /** What bad-remote.ts is to do in the place of `cooper remote`. */
  readonly fault?: string;
}

export interface CasePlan {
  readonly machines: readonly CaseMachine[];
  /** A scenario whose first derivation takes the machine before, and which leaves the file once others wait for it. */
  readonly occupiedBy?: string;
}

export interface CaseResult {
  readonly steps: readonly StepResult[];
  /** How many connections the machines have had. */
  readonly connections: number;
}

const socket = '/var/guix/daemon-socket/socket';
const machinesFile = '/etc/guix/machines.json';
/** The store directory of all machines is in here; of the others, the state as well. */
const world = '/gnu';
/** In ms. */
const patience = 100_000;
const badRemote = fileURLToPath(new URL('bad-remote.ts', import.meta.url));
const scope = { teardown: () => undefined } as unknown as Test;

async function startMachine({ name, fault }: CaseMachine): Promise<FarMachine> {
  const directory = `/tmp/${name}`;
  mkdirSync(`${directory}/world/store`, { recursive: true });
  const node = `${process.execPath} --disable-warning=ExperimentalWarning`;
  const command = fault === undefined ? {} : { command: `${node} ${badRemote} ${fault} ${world}/store` };
  return await startFarMachine(scope, { name, world, directory, ...command });
}

/** All of them sign with the key of the recordings, and believe it. */
function installKeys(folder: string, machines: readonly FarMachine[]): void {
  for (const directory of ['/etc/guix', ...machines.map((machine) => `${machine.directory}/world/state/etc`)]) {
    mkdirSync(directory, { recursive: true });
    for (const name of ['acl', 'signing-key.pub', 'signing-key.sec']) {
      copyFileSync(join(folder, '../common/keys', name), join(directory, name));
    }
  }
}

function describe(plan: readonly CaseMachine[], machines: readonly FarMachine[]): void {
  const entries = plan.map(({ entry }, index) => ({ ...machines[index]?.entry, ...entry }));
  writeFileSync(machinesFile, JSON.stringify({ machines: entries }));
}

async function setUp(client: Client, folder: string, setup: readonly SetupStep[]): Promise<void> {
  for (const { op, path, ...args } of setup) {
    const { outcome, reply, message } = await client.request({ op, args, folder }, patience);
    if (outcome !== 'success' || reply !== path) throw new Error(`setup: ${op}: ${message}`);
  }
}

/** Resolves when its first derivation is being built. The world ends that. */
async function occupy(folder: string): Promise<void> {
  const { setup, steps } = readRequest(folder);
  const client = await Client.open(socket);
  await setUp(client, folder, setup);
  const argsOf = (wanted: string) => steps.find(({ op }) => op === wanted)?.args as Readonly<Record<string, unknown>>;
  const [first] = argsOf('build-things')['targets'] as readonly string[];
  await client.request({ op: 'set-options', args: argsOf('set-options'), folder }, patience);
  await new Promise<void>((resolve, reject) => {
    const args = { targets: [first], mode: 'normal' };
    client.request({ op: 'build-things', args, folder, onText: resolve }, 10 * patience).catch(reject);
  });
}

async function play(folder: string, { machines: wanted, occupiedBy }: CasePlan): Promise<CaseResult> {
  const { setup, steps, 'daemon-options': options } = readRequest(folder);
  makeAccounts();
  const machines: FarMachine[] = [];
  for (const machine of wanted) machines.push(await startMachine(machine));
  installKeys(folder, machines);
  describe(wanted, machines);
  writeFileSync('/etc/guix/cooper.json', JSON.stringify({ 'machines-file': machinesFile }));
  const daemon = await Daemon.start({ socket, options, environment: {} });
  const client = await Client.open(socket);
  await setUp(client, folder, setup);
  if (occupiedBy !== undefined) await occupy(join(dirname(folder), occupiedBy));
  const results: StepResult[] = [];
  for (const { op = '', args } of steps) {
    const onText = () => {
      if (occupiedBy !== undefined) describe([], []);
    };
    results.push(await client.request({ op, args, folder, onText }, patience));
  }
  client.close();
  const connections = machines.reduce((sum, machine) => sum + machine.connections(), 0);
  await daemon.end('SIGTERM');
  return { steps: results, connections };
}

const [, , folder = '', plan = ''] = process.argv;
try {
  writeFileSync(3, JSON.stringify(await play(folder, JSON.parse(plan) as CasePlan)));
  process.exit(0);
} catch (error) {
  console.error(`${(error as Error).stack}\n${Daemon.log().split('\n').slice(-40).join('\n')}`);
  process.exit(1);
}
