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
  'set-id-bits': (difference) =>
    isText(difference) && allPairs(difference, (line) => (/^[-d]/.test(line) ? withoutSetIds(line) : line)),
  'builtin-downloads': (difference) =>
    isText(difference) && difference.recorded.some((line) => line.startsWith('guix perform-download: error:')),
  'never-as-root': (difference, { request }) =>
    difference.about === 'kept' &&
    !request['daemon-options'].some((option) => option.startsWith('--build-users-group')) &&
    allPairs(difference, (line) => line.replace(/ (0:0|194\d{7}:194\d{7})(?= |$)/, '')),
};

function isText({ about }: Difference): boolean {
  return about === 'text' || about === 'log';
}

/** Whether the lines of both sides are equal in the form that `normalise` gives them. */
function allPairs({ recorded, seen }: Difference, normalise: (line: string) => string): boolean {
  return recorded.length === seen.length && recorded.every((line, at) => normalise(line) === normalise(seen[at] ?? ''));
}

/** A line of `ls -l`, without set-id bits, and without the time, which no two runs share. */
function withoutSetIds(line: string): string {
  return line
    .replace(/^\S+/, (mode) => mode.replace(/s/g, 'x').replace(/S/g, '-'))
    .replace(/ \S+ +\d+ \d\d:\d\d /, ' ');
}

/** The name of the rule that a difference falls under, or nothing: then it is a failure. */
export function acceptedAs(difference: Difference, context: Context): string | undefined {
  return Object.entries(acceptedDifferences).find(([, rule]) => rule(difference, context))?.[0];
}
