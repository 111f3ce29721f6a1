/** What the log of a build says that never came to run, in the reference's words: people look there first. */
import type { Job, Outcome } from '@cooper/contracts';

/** The line for `outcome`; nothing when the builder has run. */
export function setupNote(job: Job, outcome: Outcome): string | undefined {
  const problem = problemOf(job, outcome);
  return problem === undefined ? undefined : `while setting up the build environment: ${problem}\n`;
}

function problemOf(job: Job, outcome: Outcome): string | undefined {
  if (outcome.status === 'not-started') return outcome.message;
  if (outcome.status !== 'unsupported-system') return undefined;
  return `a \`${outcome.system}' is required to build \`${job.derivation}', but I am a \`${outcome.machine}'`;
}
