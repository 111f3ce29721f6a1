/** Getting a supervisor: the one that runs, or one that is started for it. */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { commandLine, type OptionName, options, type Settings, supervisorCommand } from '@cooper/config';
import { Fault } from '@cooper/fault';
import { exitCodes } from '@cooper/process';
import { tryLease } from './socket.ts';
import { TableLog } from './table-log.ts';

/** How long, in ms, a supervisor may take to come up, or to go when another is to come. */
const patience = 30_000;
const interval = 5;

/** A supervisor that this process has started. */
interface Started {
  readonly log: TableLog;
  /** Its exit code, its signal, or why it could not be started; undefined as long as it runs. */
  end: number | string | undefined;
}

/**
 * Connects to the supervisor for these settings, starting one if there is none. It goes on as long as the connection
 * (or that of anybody else) is open. Throws the faults `cannot-start` and `cannot-connect`.
 */
export async function reachSupervisor(settings: Settings): Promise<Socket> {
  const path = `${settings.directories.run}/supervisor`;
  let started: Started | undefined;
  for (const deadline = Date.now() + patience; Date.now() < deadline; await delay(interval)) {
    const lease = await tryLease(path);
    if (lease !== undefined) return lease;
    // One that found another there to stay, which is gone after all, has to be followed by a new one.
    if (started === undefined || started.end === exitCodes.another) started = start(settings);
    else if (started.end !== undefined) throw failure(started.log, started.end);
  }
  throw new Fault('cannot-start', `nobody answers at ${path}`, { path });
}

function start(settings: Settings): Started {
  const log = new TableLog(settings);
  const words = commandLine(settings, Object.keys(options) as OptionName[]);
  const [program = '', ...args] = [...supervisorCommand, ...words, '--linger=0'];
  const started: Started = { log, end: undefined };
  try {
    // A session of its own: what a terminal sends to the client's processes must not reach those that others share.
    const child = spawn(program, args, { detached: true, cwd: '/', stdio: ['ignore', 'ignore', log.descriptor] });
    child.once('error', (error) => (started.end = error.message));
    child.once('exit', (code, signal) => (started.end = signal ?? code ?? 0));
    child.unref();
  } finally {
    log.close();
  }
  return started;
}

function failure(log: TableLog, end: number | string): Fault {
  const message = `the processes of Cooper did not start (${end}); the end of ${log.path}:\n${log.tail()}`;
  return new Fault('cannot-start', message, { end, log: log.path });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
