/**
 * The control groups of each build, where there is a hierarchy that we may write: one that holds everything the build
 * starts, to be killed with it; and those that keep it to what builds may use, where their operator limits that.
 */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import type { MachineLimit } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { findHierarchies, type Hierarchy } from '../core/control-hierarchies.ts';
import {
  type Controller,
  type ControllerLimit,
  controllerLimits,
  eventsFile,
  limitFiles,
  type MachineLimits,
  wasMet,
} from '../core/machine-limits.ts';
import { ControlGroup, type ControlGroupTrace, codeOf, readIfThere, writeIfThere } from './control-group.ts';
import { delegatedGroup, enableControllers } from './controllers.ts';

/** This process: in another namespace there may be one of the same number, with the same hierarchy. */
const self = `${process.pid}-${randomBytes(8).toString('hex')}`;

/** A limit, and the hierarchy whose groups can keep it. */
interface Limited {
  readonly limit: ControllerLimit;
  readonly hierarchy: Hierarchy;
}

export class ControlGroups {
  readonly #base: Hierarchy | undefined;
  readonly #limited: readonly Limited[];
  #last = 0;

  /**
   * `hierarchies`: where to look, best first; those of this process unless given. Throws the fault `cannot-limit-builds`
   * where there is a limit that no hierarchy can keep.
   */
  constructor(limits: MachineLimits, hierarchies: readonly Hierarchy[] = ownHierarchies()) {
    this.#limited = controllerLimits(limits).map((limit) => ({ limit, hierarchy: hierarchyFor(limit, hierarchies) }));
    const unified = this.#limited.filter(({ hierarchy }) => hierarchy.kind === 'unified');
    if (unified[0] !== undefined) {
      enableControllers(
        unified[0].hierarchy.directory,
        unified.map(({ limit }) => limit.controller),
      );
    }
    this.#base = unified[0]?.hierarchy ?? hierarchies.find(isUsable);
  }

  /** Where groups are made; nothing where there is no hierarchy to write. */
  get base(): Hierarchy | undefined {
    return this.#base;
  }

  /** Fresh groups for a build; nothing where there can be none. */
  make(): BuildGroups | undefined {
    if (this.#base === undefined) return undefined;
    const name = `cooper-build-${self}-${++this.#last}`;
    const groups = new Map<string, ControlGroup>();
    try {
      for (const { directory, kind } of [this.#base, ...this.#limited.map(({ hierarchy }) => hierarchy)]) {
        if (groups.has(directory)) continue;
        mkdirSync(`${directory}/${name}`);
        groups.set(directory, new ControlGroup({ directory: `${directory}/${name}`, kind }));
      }
      const meters = this.#limited.map(({ limit, hierarchy: { directory } }) => {
        return new Meter(limit, groups.get(directory) as ControlGroup);
      });
      return new BuildGroups([...groups.values()], meters);
    } catch (error) {
      for (const group of groups.values()) group.discard();
      throw error;
    }
  }
}

/** The groups of one build. The first holds its processes; others, if any, only limit them. */
export class BuildGroups {
  readonly #groups: readonly ControlGroup[];
  readonly #meters: readonly Meter[];
  #met: readonly MachineLimit[] = [];

  constructor(groups: readonly ControlGroup[], meters: readonly Meter[]) {
    this.#groups = groups;
    this.#meters = meters;
  }

  /** The files into which processes are put; the launcher does. */
  get members(): readonly string[] {
    return this.#groups.map(({ members }) => members);
  }

  get traces(): readonly ControlGroupTrace[] {
    return this.#groups.map(({ trace }) => trace);
  }

  /** The limits that the build has met; known when it has ended. */
  get metLimits(): readonly MachineLimit[] {
    return this.#met;
  }

  /** Removes them before anything was put into them. */
  discard(): void {
    for (const group of this.#groups) group.discard();
  }

  /** Kills everything in them; it may take a moment to die. */
  kill(): void {
    this.#groups[0]?.kill();
  }

  /** Kills everything in them and removes them. Resolves when both are done: nothing of the build runs then. */
  async end(): Promise<void> {
    // Before killing, which may itself keep processes from being started.
    this.#met = [
      ...new Set([...this.#met, ...this.#meters.filter((meter) => meter.wasMet()).map(({ limit }) => limit)]),
    ];
    for (const group of this.#groups) await group.end();
  }
}

/** One limit of one build. */
class Meter {
  readonly #limit: ControllerLimit;
  readonly #group: ControlGroup;

  /** Sets it. */
  constructor(limit: ControllerLimit, group: ControlGroup) {
    this.#limit = limit;
    this.#group = group;
    for (const { name, text, required } of limitFiles(limit, group.kind)) {
      const file = `${group.directory}/${name}`;
      if (required) writeFileSync(file, text);
      else writeIfThere(file, text);
    }
  }

  get limit(): MachineLimit {
    return this.#limit.limit;
  }

  wasMet(): boolean {
    const file = eventsFile(this.#limit, this.#group.kind);
    return wasMet(this.#limit, readIfThere(`${this.#group.directory}/${file}`));
  }
}

function hierarchyFor({ limit, controller }: ControllerLimit, hierarchies: readonly Hierarchy[]): Hierarchy {
  const found = hierarchies.find((hierarchy) => hasController(hierarchy, controller) && isUsable(hierarchy));
  if (found !== undefined) return found;
  const message = `builds cannot be kept to \`--${limit}': no control groups with \`${controller}' can be made here`;
  throw new Fault('cannot-limit-builds', message, { limit });
}

function hasController({ kind, directory }: Hierarchy, controller: Controller): boolean {
  if (kind !== 'unified') return kind === controller;
  return readIfThere(`${directory}/cgroup.controllers`).trim().split(' ').includes(controller);
}

function ownHierarchies(): readonly Hierarchy[] {
  const found = findHierarchies(
    readFileSync('/proc/self/mountinfo', 'utf8'),
    readFileSync('/proc/self/cgroup', 'utf8'),
  );
  return found.map((hierarchy) => {
    return hierarchy.kind === 'unified' ? { ...hierarchy, directory: delegatedGroup(hierarchy.directory) } : hierarchy;
  });
}

/** Whether groups can be made there, and processes of ours be moved into them: the launcher starts in our own group. */
function isUsable({ directory }: Hierarchy): boolean {
  const trial = `${directory}/cooper-trial-${self}`;
  try {
    accessSync(`${directory}/cgroup.procs`, constants.W_OK);
    mkdirSync(trial);
    try {
      accessSync(`${trial}/cgroup.procs`, constants.W_OK);
    } finally {
      rmdirSync(trial);
    }
    return true;
  } catch (error) {
    // Read-only, not ours, or not there: builds are killed by other means.
    if (['EROFS', 'EACCES', 'EPERM', 'ENOENT'].includes(codeOf(error))) return false;
    throw error;
  }
}
