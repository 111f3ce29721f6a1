/** Processes of this machine, by what /proc says of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The text of a file of a process; undefined when the process is gone. */
function readOf(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

/** Whether a process is there and more than a zombie. */
export function isAlive(pid: number): boolean {
  const stat = readOf(pid, 'stat');
  return stat !== undefined && !stat.includes(') Z ');
}

/** Waits up to five seconds for a process to end. */
export async function isGone(pid: number): Promise<boolean> {
  for (let waited = 0; waited < 5000 && isAlive(pid); waited += 20) await sleep(20);
  return !isAlive(pid);
}

export function childrenOf(pid: number): number[] {
  const text = readOf(pid, `task/${pid}/children`) ?? '';
  return text.trim().split(' ').filter(Boolean).map(Number);
}

/** The guard and the builder below a launcher that runs a sandbox. */
export function familyOf(launcher: number | undefined): { readonly guard: number; readonly builder: number } {
  const [guard = 0] = childrenOf(launcher ?? 0);
  const [builder = 0] = childrenOf(guard);
  return { guard, builder };
}

/** The processes that have a certain argument. */
export function processesWith(argument: string): number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter((pid) => readOf(pid, 'cmdline')?.split('\0').includes(argument) === true && isAlive(pid));
}

/** How many descriptors a process holds. */
export function descriptorsOf(pid: number | undefined): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
