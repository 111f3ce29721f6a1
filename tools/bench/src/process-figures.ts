/** What /proc tells of processes. */
import { readFileSync } from 'node:fs';

/** The children of `pid`, by the first 15 characters of their names. */
export function childrenOf(pid: number): ReadonlyMap<string, number> {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return new Map(children.map((child) => [readFileSync(`/proc/${child}/comm`, 'utf8').trim(), Number(child)]));
}

/** The memory of `pid` and all below it, in MiB; what several of them share counts once. */
export function memoryBelow(pid: number): number {
  const below = [...childrenOf(pid).values()].map(memoryBelow);
  return proportionalMemory(pid) + below.reduce((sum, each) => sum + each, 0);
}

/** The most that it ever had, in MiB. */
export function peakMemory(pid: number): number {
  return kibibytes(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM') / 1024;
}

function proportionalMemory(pid: number): number {
  return kibibytes(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss') / 1024;
}

function kibibytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
}
