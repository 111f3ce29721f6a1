/** What the builder has to work with on this machine. */
import { mkdirSync, readFileSync } from 'node:fs';
import type { Settings } from '@cooper/config';
import type { Log } from '@cooper/log';
import type { HardLimits, Machine } from '../core/place.ts';
import { systemOf } from '../core/platform.ts';
import { findNetworkHelper } from './attached-network.ts';
import { checkTemporary } from './build-directory.ts';
import { BuildRecords } from './build-records.ts';
import { BuildUsers } from './build-users.ts';
import { ControlGroups } from './control-groups.ts';
import { Launchers } from './launchers.ts';

export interface Workshop {
  readonly storeDir: string;
  readonly logDir: string;
  /** Where build directories are made. */
  readonly temporary: string;
  readonly machine: Machine;
  /** The system features that this machine has; none: it has them all. */
  readonly features: readonly string[];
  readonly hardLimits: HardLimits;
  /** Nil: we are not root, and builds run as we do. */
  readonly users: BuildUsers | null;
  readonly groups: ControlGroups;
  readonly records: BuildRecords;
  readonly launchers: Launchers;
  /** An empty directory on which each sandbox has its root, in mounts of its own. */
  readonly rootMountPoint: string;
  /** The program that attaches networks to the outside; nothing where there is none, or none is wanted. */
  readonly networkHelper: string | undefined;
  readonly log: Log;
}

/** Opens it. Throws the faults `unsafe-build-directory`, `no-build-directory`, `cannot-limit-builds` and `unusable-build-users-group`. */
export function openWorkshop(settings: Settings, temporary: string, log: Log): Workshop {
  const { directories } = settings;
  const processor = systemOf(process.arch);
  const groups = new ControlGroups({
    memory: settings['max-build-memory'],
    processes: settings['max-build-processes'],
  });
  if (groups.base === undefined)
    log.info(
      'no control groups can be made here: what builds leave behind is killed with their namespaces, or by its user',
    );
  return {
    storeDir: directories.store,
    logDir: directories.log,
    temporary: checkTemporary(temporary),
    machine: { system: settings.system ?? processor, processor },
    features: settings['system-features'],
    hardLimits: readHardLimits(readFileSync('/proc/self/limits', 'latin1')),
    users: process.getuid?.() === 0 ? new BuildUsers(directories.state, settings['build-users-group']) : null,
    groups,
    records: new BuildRecords(directories.run),
    launchers: new Launchers(),
    rootMountPoint: makeMountPoint(directories.run),
    networkHelper: settings['network-helper'] === 'none' ? undefined : findNetworkHelper(process.env['PATH']),
    log,
  };
}

function makeMountPoint(runDirectory: string): string {
  const path = `${runDirectory}/sandbox-root`;
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

function readHardLimits(table: string): HardLimits {
  const hardLimit = (name: string) => {
    const word = new RegExp(`^${name} +\\S+ +(\\S+)`, 'm').exec(table)?.[1];
    return word === undefined || word === 'unlimited' ? null : Number(word);
  };
  return { core: hardLimit('Max core file size'), nofile: hardLimit('Max open files') };
}
