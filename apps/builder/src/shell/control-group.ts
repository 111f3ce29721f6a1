/**
 * A control group for each build, where the unified hierarchy can be written: whatever the build leaves behind is in it,
 * and is killed with it. Works with the unified hierarchy alone and beside the old ones, where it has no controllers.
 */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

export interface ControlGroup {
  /** The file into which processes are put; the launcher does. */
  readonly procs: string;
  /** Kills everything in it and removes it; resolves when it is gone. */
  end(): Promise<void>;
}

export class ControlGroups {
  readonly #base: string | undefined;
  #last = 0;

  constructor() {
    this.#base = usableBase();
  }

  /** False when there is no hierarchy to write. */
  get areUsable(): boolean {
    return this.#base !== undefined;
  }

  make(): ControlGroup | undefined {
    if (this.#base === undefined) return undefined;
    const directory = `${this.#base}/cooper-${process.pid}-${++this.#last}`;
    mkdirSync(directory);
    return { procs: `${directory}/cgroup.procs`, end: () => end(directory) };
  }
}

async function end(directory: string): Promise<void> {
  writeFileSync(`${directory}/cgroup.kill`, '1');
  // The kernel takes a moment to let go of the last process.
  for (let wait = 1; ; wait = Math.min(wait * 2, 100)) {
    try {
      rmdirSync(directory);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** Our own group in the unified hierarchy, if groups can be made in it. */
function usableBase(): string | undefined {
  const mount = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type]) => type === 'cgroup2')?.[1];
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  if (mount === undefined || own === undefined) return undefined;
  const base = `${mount}${own === '/' ? '' : own}`;
  const probe = `${base}/cooper-${process.pid}-probe`;
  try {
    mkdirSync(probe);
    writeFileSync(`${probe}/cgroup.kill`, '1');
    rmdirSync(probe);
    return base;
  } catch (error) {
    // Read-only, not ours, or a kernel without cgroup.kill: builds are killed by other means.
    if (['EROFS', 'EACCES', 'EPERM', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
