/** What a failing step of the launcher means for the build. */
import { getSystemErrorMessage } from 'node:util';
import { fromBytes, toText } from '@cooper/byte-string';
import type { Job, LaunchReport, Outcome } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Machine } from '../core/place.ts';
import { runsNatively } from '../core/platform.ts';
import { deniesSandbox } from '../core/sandbox-steps.ts';

/**
 * The outcome for `report`. A program that the kernel cannot run is one for another machine, or no program. Throws the
 * fault `no-sandbox` where the kernel denies one: no build goes without that was to have it.
 */
export function launchFailure(report: LaunchReport, job: Job, machine: Machine): Outcome {
  const { step, error } = report;
  if (step === 'execute' && error === 'ENOEXEC' && !runsNatively(job.system, machine)) {
    return { status: 'unsupported-system', system: job.system, machine: machine.system };
  }
  const message = messageOf(report, job);
  if (job.sandbox && deniesSandbox(report)) {
    const remedy = 'run as root, allow user namespaces, or disable the sandbox knowing what that means';
    throw new Fault('no-sandbox', `cannot make a sandbox: ${message} (${remedy})`, { step, error });
  }
  return { status: 'not-started', step, error, message };
}

function messageOf({ step, errno, error, path, field, problem }: LaunchReport, job: Job): string {
  const why = capitalised(describe(errno, error));
  if (step === 'execute') return `executing \`${toText(fromBytes(job.builder))}': ${why}`;
  if (field !== undefined) return `${step}: the field ${field} is ${problem}`;
  return `${step}${path === undefined ? '' : ` \`${toText(fromBytes(path))}'`}: ${why}`;
}

function describe(errno: number, error: string): string {
  try {
    return getSystemErrorMessage(-errno) ?? error;
  } catch {
    // A number that libuv has no words for: its name says enough.
    return error;
  }
}

/** As strerror(3) writes it, where libuv has small letters. */
function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
