/** How busy this machine is, and what was left to it a moment ago. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { LocalMachine } from '@cooper/machines';
import type { Load, Local } from '../core/choice.ts';

/** How long, in ms, it takes until a build shows in the load. */
const unseen = 10_000;

export class LocalLoad {
  #recent: number[] = [];

  /** A job was left to this machine. */
  add(now: number): void {
    this.#recent.push(now);
  }

  measure(machine: LocalMachine, now: number): Local {
    this.#recent = this.#recent.filter((time) => time > now - unseen);
    return { ...machine, recent: this.#recent.length, load: readLoad() };
  }
}

/** The builder and the store see to the disk themselves. */
function readLoad(): Load {
  const [first = '0'] = read('/proc/loadavg').split(' ');
  const pressure = { cpu: someShare('cpu'), memory: someShare('memory') };
  return { processors: availableParallelism(), load: Number(first), pressure, free: Number.MAX_SAFE_INTEGER };
}

/** The share of the last ten seconds in which something waited; 0 where the kernel does not tell. */
function someShare(resource: 'cpu' | 'memory'): number {
  return Number(/^some avg10=([\d.]+)/.exec(read(`/proc/pressure/${resource}`))?.[1] ?? 0) / 100;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    // The system refuses to open what it was not made to tell.
    if (['ENOENT', 'EOPNOTSUPP', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
