/** What the end of a hook that had accepted a job means. See DerivationGoal::buildDone of the reference. */
import type { Outcome } from '@cooper/contracts';

export interface HookEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface BuildSpan {
  readonly startTime: number;
  readonly stopTime: number;
  readonly logSize: number;
}

/** The exit codes that the reference gives a meaning. */
const buildFailed = 100;
const timedOut = 101;

export function hookOutcome({ exitCode, signal }: HookEnd, span: BuildSpan): Outcome {
  if (exitCode === 0) return { status: 'succeeded', ...span };
  if (exitCode === buildFailed) return { status: 'failed', ...span, exitCode, signal };
  if (exitCode === timedOut) return { status: 'limited', ...span, limit: 'timeout' };
  const how = signal === null ? `failed with exit code ${exitCode}` : `failed due to signal ${signal}`;
  return { status: 'agent-failed', ...span, exitCode, signal, message: how };
}
