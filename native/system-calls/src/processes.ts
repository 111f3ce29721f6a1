/**
 * Processes started without copying this one, whatever its size (posix_spawn(3)); `node:child_process` forks. Whoever starts
 * one takes its end, too: on SIGCHLD, by `takeProcessEnd`.
 */
import { addon, type Name } from './addon.ts';

export interface StartedProcess {
  readonly pid: number;
  /** Our end of a socket pair whose other end is the process's descriptor 3. */
  readonly channel: number;
}

/** How a process ended: by one of the two. */
export interface ProcessStatus {
  readonly exitCode: number | null;
  /** The number of a signal. */
  readonly signal: number | null;
}

/**
 * Starts `program` without arguments, with an empty environment, in `/`: its standard input is /dev/null, standard output
 * and error are `output`, and its descriptor 3 is a channel to us.
 */
export function startProcess(program: Name, output: number): StartedProcess {
  addon.startProcess(program, output);
  const [pid = -1, channel = -1] = addon.registers;
  return { pid, channel };
}

/** How the process `pid`, which `startProcess` gave, has ended; nothing while it runs. To be taken once. */
export function takeProcessEnd(pid: number): ProcessStatus | undefined {
  if (!addon.takeProcessEnd(pid)) return undefined;
  const [exitCode = -1, signal = 0] = addon.registers;
  return { exitCode: exitCode < 0 ? null : exitCode, signal: signal === 0 ? null : signal };
}
