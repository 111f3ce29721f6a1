/**
 * The differences that are meant: where Cooper does better than what was recorded. Each has a row in docs/differences.md
 * with its reason, under the same name.
 */
import type { Difference } from './difference.ts';
import type { ScenarioRequest, ScenarioResult } from './scenario.ts';

/** What was played, what was recorded of it, and what was seen. */
export interface Context {
  readonly request: ScenarioRequest;
  readonly recorded: ScenarioResult;
  readonly seen: ScenarioResult;
}

type Rule = (difference: Difference, context: Context) => boolean;

export const acceptedDifferences: Readonly<Record<string, Rule>> = {
  'no-leftovers': (difference) =>
    difference.about === 'leftover' && difference.seen.length === 0 && !difference.path.endsWith('-check'),
};

/** The name of the rule that a difference falls under, or nothing: then it is a failure. */
export function acceptedAs(difference: Difference, context: Context): string | undefined {
  return Object.entries(acceptedDifferences).find(([, rule]) => rule(difference, context))?.[0];
}
