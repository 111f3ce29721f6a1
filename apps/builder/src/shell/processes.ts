/** Processes as /proc shows them: found, killed, and waited for until they are gone. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, in clock ticks since boot. */
  readonly startTime: string;
}

/** The children of `pid`; none where it has ended, or where the kernel does not tell. */
export function childrenOf(pid: number): readonly ProcessIdentity[] {
  const text = readProcess(`${pid}/task/${pid}/children`) ?? '';
  return text
    .split(' ')
    .filter((word) => word !== '')
    .flatMap((word) => identify(Number(word)) ?? []);
}

/** Kills a process if it is still that one. */
export function killProcess(process: ProcessIdentity): void {
  if (!isAlive(process)) return;
  sendKill(process.pid);
}

/** Resolves when the process has ended. The first of a process namespace ends when all others in it have. */
export async function waitUntilGone(process: ProcessIdentity): Promise<void> {
  for (let wait = 1; isAlive(process); wait = Math.min(wait * 2, 50)) await pass(wait);
}

/** Kills every process of the user `uid`, and those that they start meanwhile, until there is none. */
export async function killProcessesOf(uid: number): Promise<void> {
  for (let wait = 1; ; wait = Math.min(wait * 2, 50)) {
    const processes = processesOf(uid);
    if (processes.length === 0) return;
    for (const process of processes) killProcess(process);
    await pass(wait);
  }
}

/** The processes of which `uid` is the real, effective, saved or file system user. */
export function processesOf(uid: number): readonly ProcessIdentity[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && belongsTo(name, uid))
    .flatMap((name) => identify(Number(name)) ?? []);
}

function belongsTo(pid: string, uid: number): boolean {
  const ids = /^Uid:\t(.*)$/m.exec(readProcess(`${pid}/status`) ?? '')?.[1];
  return ids?.split('\t').includes(String(uid)) ?? false;
}

function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identify(pid)?.startTime === startTime;
}

/** Nothing for a process that has ended, waited for or not. */
function identify(pid: number): ProcessIdentity | undefined {
  const text = readProcess(`${pid}/stat`);
  // The name, in parentheses, may hold anything.
  const [state, ...fields] = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  const startTime = fields[18];
  return startTime === undefined || state === 'Z' || state === 'X' ? undefined : { pid, startTime };
}

function readProcess(file: string): string | undefined {
  try {
    return readFileSync(`/proc/${file}`, 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function sendKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '');
}
