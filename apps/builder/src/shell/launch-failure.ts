/** What a failing step of the launcher means for the build. */

import { getSystemErrorMessage } from 'node:util';
import { fromBytes, toText } from '@cooper/byte-string';
import type { Job, Outcome } from '@cooper/contracts';
import { runsNatively } from '../core/platform.ts';
import type { LaunchReport } from './launch.ts';

/** The outcome for `report`. A program that the kernel cannot run is one for another machine, or no program. */
export function launchFailure(report: LaunchReport, job: Job, machine: string): Outcome {
  const { step, error } = report;
  if (step === 'execute' && error === 'ENOEXEC' && !runsNatively(job.system, machine)) {
    return { status: 'unsupported-system', system: job.system, machine };
  }
  return { status: 'not-started', step, error, message: messageOf(report, job) };
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
