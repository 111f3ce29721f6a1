/** Jobs for another kernel than ours: never run, but with a start, a log and an end like every other. */
import { openLog } from '@cooper/build-log';
import type { Job, Outcome } from '@cooper/contracts';
import { setupNote } from '../core/setup-note.ts';
import type { BuildListener } from './build.ts';
import type { Workshop } from './workshop.ts';

/** The process that is told of is our own. */
export async function refuseSystem(job: Job, workshop: Workshop, listener: BuildListener): Promise<Outcome> {
  const outcome: Outcome = { status: 'unsupported-system', system: job.system, machine: workshop.machine.system };
  const log = openLog(workshop.logDir, job.derivation, job.log);
  try {
    const logFile = Buffer.from(log.path);
    await listener.send({ event: 'started', process: process.pid, logFile, time: Date.now() });
    await log.write(Buffer.from(setupNote(job, outcome) ?? ''));
  } finally {
    await log.close();
  }
  return outcome;
}
