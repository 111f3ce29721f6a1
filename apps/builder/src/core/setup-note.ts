/** What the log of a build says that never came to run, in the reference's words: people look there first. */
import type { Job, Outcome } from '@cooper/contracts';

/** The line for `outcome`; nothing when the builder has run. */
export function setupNote(job: Job, outcome: Outcome): string | undefined {
  if (outcome.status === 'not-started') return setUp(outcome.message);
  if (outcome.status !== 'unsupported-system') return undefined;
  const { system, machine } = outcome;
  const problem = `a \`${system}' is required to build \`${job.derivation}', but I am a \`${machine}'`;
  return setUp(problem);
}

function setUp(problem: string): string {
  return `while setting up the build environment: ${problem}\n`;
}
