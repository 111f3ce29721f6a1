/** `cooper daemon`: becomes the supervisor of processes that serve Guix's clients, until it is stopped. */
import {
  commandLine,
  type GivenValues,
  type OptionName,
  options as settingTable,
  supervisorCommand,
} from '@cooper/config';
import { keepAcrossExec } from '@cooper/system-calls';
import { type DaemonOptions, daemonSettings } from '../../core/daemon-options.ts';
import { messages } from '../../core/messages.ts';
import { say } from '../output.ts';
import { readForUser } from '../setting-options.ts';

interface DaemonCall extends DaemonOptions {
  readonly debug?: boolean;
  readonly discover?: string | boolean;
}

/** The first descriptor that systemd passes (sd_listen_fds(3)). */
const firstPassed = 3;

/** Gives no exit status: the process goes on as another program, with the same id. */
export async function daemon(call: DaemonCall, given: GivenValues): Promise<number> {
  if (call.discover !== undefined && call.discover !== 'no') say(messages.warning(messages.noDiscovery));
  const { state } = readForUser(given).directories;
  const all: GivenValues = { ...given, ...daemonSettings(call, state) };
  const words = commandLine(readForUser(all), Object.keys(settingTable) as OptionName[]);
  const [program = '', ...rest] = [...supervisorCommand, ...words];
  keepPassedSockets(process.env);
  process.execve?.(program, [program, ...rest], environmentFor(call));
  throw new Error('this Node.js cannot become another program');
}

/** Sockets that systemd opened are for the supervisor, which it will take for the process that it started. */
function keepPassedSockets({ LISTEN_PID: pid, LISTEN_FDS: count = '0' }: NodeJS.ProcessEnv): void {
  if (pid !== String(process.pid)) return;
  for (let index = 0; index < Number(count); index++) keepAcrossExec(firstPassed + index);
}

function environmentFor({ debug, offload, buildHook }: DaemonCall): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  if (debug === true) environment['COOPER_DEBUG'] = '1';
  // The hook that it names is not to be asked.
  if (!offload || !buildHook) delete environment['GUIX'];
  return environment;
}
