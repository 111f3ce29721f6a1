/**
 * Controllers of version 2, for the groups of builds. A group whose own groups have controllers may not have processes
 * itself (cgroups(7), "no internal processes"): ours move into a group beside those of the builds first, where nobody
 * else is in it, as in a service with a part of the hierarchy to itself (`Delegate=yes`).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Fault } from '@cooper/fault';
import { codeOf, readIfThere, writeIfThere } from './control-group.ts';

/** The group into which our processes have moved. */
const ownGroup = 'cooper-processes';

/** How often to try again when processes of ours are started meanwhile. */
const attempts = 20;

/** The group in which those of builds are: our own, or that in which we have moved down. */
export function delegatedGroup(directory: string): string {
  return basename(directory) === ownGroup ? dirname(directory) : directory;
}

/** Has groups in `directory` have these controllers. Throws the fault `cannot-limit-builds`. */
export function enableControllers(directory: string, controllers: readonly string[]): void {
  const file = `${directory}/cgroup.subtree_control`;
  const enabled = readFileSync(file, 'utf8').trim().split(' ');
  const missing = controllers.filter((controller) => !enabled.includes(controller));
  if (missing.length === 0) return;
  const text = missing.map((controller) => `+${controller}`).join(' ');
  for (let attempt = 1; ; attempt++) {
    try {
      writeFileSync(file, text);
      return;
    } catch (error) {
      if (codeOf(error) !== 'EBUSY' || attempt === attempts) throw refusal(directory, (error as Error).message);
    }
    moveDown(directory);
  }
}

function moveDown(directory: string): void {
  const processes = readIfThere(`${directory}/cgroup.procs`).split('\n').filter(Boolean);
  const stranger = processes.find((pid) => !isOurs(pid));
  if (stranger !== undefined) throw refusal(directory, `process ${stranger}, which is not of Cooper, is in it, too`);
  mkdirSync(`${directory}/${ownGroup}`, { recursive: true });
  for (const pid of processes) {
    try {
      writeIfThere(`${directory}/${ownGroup}/cgroup.procs`, pid);
    } catch (error) {
      // It has ended meanwhile.
      if (codeOf(error) !== 'ESRCH') throw refusal(directory, (error as Error).message);
    }
  }
}

/** Whether it is this process, the supervisor that has started it, or anything that these have started. */
function isOurs(pid: string): boolean {
  const parentIsSupervisor = readIfThere(`/proc/${process.ppid}/comm`).startsWith('cooper-super');
  const root = String(parentIsSupervisor ? process.ppid : process.pid);
  for (let current = pid; Number(current) > 1; current = parentOf(current)) if (current === root) return true;
  return false;
}

function parentOf(pid: string): string {
  return /^PPid:\s+(\d+)$/m.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? '0';
}

function refusal(directory: string, reason: string): Fault {
  const message = `builds cannot be limited in what they use by control groups in ${directory}: ${reason}`;
  return new Fault('cannot-limit-builds', message, { directory });
}
