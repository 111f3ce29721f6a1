/**
 * A control group of a build: whatever the build leaves behind is in it, and is killed with it. In version 2 by one write;
 * in version 1 by killing one after the other what can no longer start others.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';
import type { Hierarchy, HierarchyKind } from '../core/control-hierarchies.ts';

/** What keeps the processes of a group from starting others, where there is no `cgroup.kill`. */
const holds: Readonly<Record<HierarchyKind, readonly [file: string, value: string] | undefined>> = {
  unified: ['cgroup.freeze', '1'],
  pids: ['pids.max', '0'],
  systemd: undefined,
  memory: undefined,
};

/** How long to wait, in ms, before a group whose processes are dying is tried again. */
const longestPause = 50;

/** How a group is found again by another process, which may itself be in another group: services get new ones. */
export interface ControlGroupTrace extends Hierarchy {
  /** Tells it from a later group of the same name. */
  readonly inode: string;
}

/** A group that an earlier process made; nothing when it is gone, or no group of a build. */
export function adoptControlGroup({ directory, kind, inode }: ControlGroupTrace): ControlGroup | undefined {
  if (!/\/cooper-build-\d+-[0-9a-f]{16}-\d+$/.test(directory) || inodeOf(directory) !== inode) return undefined;
  return new ControlGroup({ directory, kind });
}

export class ControlGroup {
  readonly directory: string;
  readonly kind: HierarchyKind;

  constructor({ directory, kind }: Hierarchy) {
    this.directory = directory;
    this.kind = kind;
  }

  /** The file into which processes are put; the launcher does. */
  get members(): string {
    return `${this.directory}/cgroup.procs`;
  }

  get trace(): ControlGroupTrace {
    return { directory: this.directory, kind: this.kind, inode: inodeOf(this.directory) ?? '' };
  }

  /** Removes it before anything was put into it. */
  discard(): void {
    rmdirSync(this.directory);
  }

  /** Kills everything in it; it may take a moment to die. */
  kill(): void {
    if (existsSync(this.directory)) killBelow(this.directory, this.kind);
  }

  /** Kills everything in it and removes it. Resolves when both are done: nothing of the build runs then. */
  async end(): Promise<void> {
    for (let wait = 1; !removeBelow(this.directory); wait = Math.min(wait * 2, longestPause)) {
      this.kill();
      await pass(wait);
    }
  }
}

function inodeOf(directory: string): string | undefined {
  const status = lstatSync(directory, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? undefined : `${status.dev}:${status.ino}`;
}

function killBelow(directory: string, kind: HierarchyKind): void {
  if (kind === 'unified' && writeIfThere(`${directory}/cgroup.kill`, '1')) return;
  for (const child of childrenOf(directory)) killBelow(child, kind);
  const hold = holds[kind];
  if (hold !== undefined) writeIfThere(`${directory}/${hold[0]}`, hold[1]);
  for (const pid of readIfThere(`${directory}/cgroup.procs`).split('\n').filter(Boolean)) kill(Number(pid));
}

/** True when the group is gone, with those below it. */
function removeBelow(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return true;
    if (code !== 'EBUSY' && code !== 'ENOTEMPTY') throw error;
  }
  const children = childrenOf(directory);
  return children.length > 0 && children.every(removeBelow) && removeBelow(directory);
}

function childrenOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${directory}/${name}`);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** A process of the group has this number until it is waited for, which only its killer's patience can outlast. */
function kill(pid: number): void {
  // 0 stands for a process of another namespace, and would mean ourselves.
  if (pid <= 1) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** False when there is no such file: an older kernel, or the group has been removed. */
export function writeIfThere(file: string, text: string): boolean {
  if (!existsSync(file)) return false;
  try {
    writeFileSync(file, text);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes(codeOf(error))) return false;
    throw error;
  }
}

export function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes(codeOf(error))) return '';
    throw error;
  }
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
