/** The ends of processes that were started by `startProcess`: the kernel tells by SIGCHLD that there is one, not whose. */
import { constants } from 'node:os';
import { takeProcessEnd } from '@cooper/system-calls';

/** How a process ended: by one of the two. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  /** Its name, such as `SIGKILL`. */
  readonly signal: string | null;
}

const waiting = new Map<number, (end: ProcessEnd) => void>();

/** Listening to signals does not keep this process alive until the ends have been taken; a timer does. */
let vigil: NodeJS.Timeout | undefined;
const vigilInterval = 60_000;

/** Resolves when the process has ended. The number stays its own until then. */
export function processEnd(pid: number): Promise<ProcessEnd> {
  if (vigil === undefined) {
    vigil = setInterval(takeEnds, vigilInterval);
    process.on('SIGCHLD', takeEnds);
  }
  return new Promise((resolve) => {
    waiting.set(pid, resolve);
    takeEnds();
  });
}

function takeEnds(): void {
  for (const [pid, resolve] of waiting) {
    const end = takeProcessEnd(pid);
    if (end === undefined) continue;
    waiting.delete(pid);
    resolve({ exitCode: end.exitCode, signal: end.signal === null ? null : signalName(end.signal) });
  }
  if (waiting.size > 0) return;
  clearInterval(vigil);
  vigil = undefined;
  process.off('SIGCHLD', takeEnds);
}

function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  // Real-time signals have no names of their own.
  return found?.[0] ?? `SIGRTMIN+${number - 34}`;
}
