/**
 * What a build may use of the machine, as its operator limits it: the files of a control group that say so, in either
 * version (the kernel's admin-guide, cgroup-v2 and cgroup-v1/memory, pids), and how often a limit was met.
 */
import type { MachineLimit } from '@cooper/contracts';
import type { HierarchyKind } from './control-hierarchies.ts';

/** Bytes, and processes with their threads; 0 is no limit. */
export interface MachineLimits {
  readonly memory: number;
  readonly processes: number;
}

export type Controller = 'memory' | 'pids';

/** One limit, as the control group of a build is to have it. */
export interface ControllerLimit {
  readonly limit: MachineLimit;
  readonly controller: Controller;
  readonly value: number;
}

/** A text for a file of the group. One that is not `required` may be missing: not every kernel counts swap. */
export interface LimitFile {
  readonly name: string;
  readonly text: string;
  readonly required: boolean;
}

/** The limits that there are. */
export function controllerLimits({ memory, processes }: MachineLimits): readonly ControllerLimit[] {
  const all = [
    { limit: 'max-build-memory', controller: 'memory', value: memory },
    { limit: 'max-build-processes', controller: 'pids', value: processes },
  ] as const;
  return all.filter(({ value }) => value > 0);
}

/** What to write, in this order. A build without memory is killed whole where the kernel can: half a build is no use. */
export function limitFiles({ controller, value }: ControllerLimit, kind: HierarchyKind): readonly LimitFile[] {
  if (controller === 'pids') return [required('pids.max', value)];
  if (kind === 'unified') {
    return [required('memory.max', value), optional('memory.swap.max', 0), optional('memory.oom.group', 1)];
  }
  return [required('memory.limit_in_bytes', value), optional('memory.memsw.limit_in_bytes', value)];
}

/** The file that tells how often the limit was met. */
export function eventsFile({ controller }: ControllerLimit, kind: HierarchyKind): string {
  if (controller === 'pids') return 'pids.events';
  return kind === 'unified' ? 'memory.events' : 'memory.oom_control';
}

/** Whether the limit was met, from that file: a process was refused, or one was killed. */
export function wasMet({ controller }: ControllerLimit, events: string): boolean {
  const count = controller === 'pids' ? /^max (\d+)$/m : /^oom_kill (\d+)$/m;
  return Number(count.exec(events)?.[1] ?? 0) > 0;
}

function required(name: string, value: number): LimitFile {
  return { name, text: String(value), required: true };
}

function optional(name: string, value: number): LimitFile {
  return { name, text: String(value), required: false };
}
