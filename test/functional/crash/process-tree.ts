/** Which processes belong to a run of Cooper, and what each of them is. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface RunProcess {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
}

/** All that has `directory` on its command line, the supervisor of `directory`, and everything that these started. */
export function processesOf(directory: string): RunProcess[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => describe(Number(name)));
  const supervisor = supervisorOf(directory);
  const isOurs = ({ pid, commandLine }: RunProcess) =>
    (pid === supervisor && commandLine.includes('supervisor')) || commandLine.includes(directory);
  const known = new Set(all.filter(isOurs).map(({ pid }) => pid));
  for (let before = -1; before < known.size; ) {
    before = known.size;
    for (const { pid, parent } of all) if (known.has(parent)) known.add(pid);
  }
  return all.filter(({ pid }) => known.has(pid));
}

/** Our processes show their names in the place of their command lines; the supervisor's number is in its lock. */
function supervisorOf(directory: string): number | undefined {
  const file = `${directory}/state/run/supervisor.lock`;
  return existsSync(file) ? Number(readFileSync(file, 'latin1')) : undefined;
}

/** One process, or nothing when it is gone, or is dead and only waits to be noticed. */
function describe(pid: number): RunProcess[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    if (/^State:\s+Z/m.test(status)) return [];
    const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
    return [{ pid, parent, commandLine: readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim() }];
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
