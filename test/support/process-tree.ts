/** Which processes belong to a run of Cooper, and what each of them is. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface RunProcess {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
}

/**
 * All that has `directory` on its command line or anything in it open, and everything that these started. Our processes
 * show their names in the place of their command lines; their log, a lock or the store they have open.
 */
export function processesOf(directory: string): RunProcess[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => describe(Number(name)));
  const isOurs = ({ pid, commandLine }: RunProcess) => commandLine.includes(directory) || holds(pid, directory);
  const known = new Set(all.filter(isOurs).map(({ pid }) => pid));
  for (let before = -1; before < known.size; ) {
    before = known.size;
    for (const { pid, parent } of all) if (known.has(parent)) known.add(pid);
  }
  return all.filter(({ pid }) => known.has(pid));
}

function holds(pid: number, directory: string): boolean {
  const names = ifThere(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return names.some((name) => ifThere(() => readlinkSync(`/proc/${pid}/fd/${name}`))?.startsWith(directory));
}

/** One process, or nothing when it is gone, or is dead and only waits to be noticed. */
function describe(pid: number): RunProcess[] {
  const status = ifThere(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
  const commandLine = ifThere(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim());
  if (status === undefined || commandLine === undefined || /^State:\s+Z/m.test(status)) return [];
  return [{ pid, parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]), commandLine }];
}

/** Nothing where the process is gone, or is not ours to look at. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
