/** A scheduler under test: on standard input and output, with the store of this checkout on descriptor 3. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect as connectSocket, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { storeContract } from '@cooper/contracts';
import { connect } from '@cooper/ipc';
import type { Place } from './place.ts';
import type { SchedulerSubject } from './scheduler-trial.ts';
import { endCommand, endOf } from './subject.ts';
import { Violation } from './violation.ts';

const storeProgram = fileURLToPath(new URL('../../../apps/store/bin/cooper-store', import.meta.url));

/** How long, in ms, a process may take to listen. */
const patience = 20_000;

export async function schedulerSubject(command: readonly string[], place: Place): Promise<SchedulerSubject> {
  const store = startStore(place);
  const channel = await connectWhenThere(place.storeSocket, store);
  const [program = '', ...words] = command;
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe', channel], detached: true });
  channel.destroy();
  let log = '';
  child.stderr?.on('data', (data: Buffer) => (log += data.toString()));
  const stream = Duplex.from({ readable: child.stdout as never, writable: child.stdin as never });
  stream.on('error', () => stream.destroy());
  (await connectWhenThere(place.agents, child)).destroy();
  return {
    stream,
    store: await connect(storeContract, await connectWhenThere(place.storeSocket, store), { client: 'conformance' }),
    agents: place.agents,
    log: () => log,
    ended: endOf(child),
    close: async () => {
      await endCommand(child);
      await endCommand(store);
      await place.clear();
    },
  };
}

function startStore(place: Place): ChildProcess {
  const words = [`--store-dir=${place.store}`, `--state-dir=${place.state}`, `--listen=store=${place.storeSocket}`];
  return spawn(storeProgram, words, { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
}

async function connectWhenThere(path: string, process: ChildProcess): Promise<Socket> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await delay(20)) {
    if (process.exitCode !== null || process.signalCode !== null) break;
    if (!existsSync(path)) continue;
    const socket = connectSocket(path);
    const connected = once(socket, 'connect').then(
      () => true,
      () => false,
    );
    if (await connected) return socket;
  }
  throw new Violation(`nobody listens at ${path}`);
}
