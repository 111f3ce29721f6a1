/**
 * The differences that are meant: where Cooper does better than what was recorded. Each has a row in docs/differences.md
 * with its reason, under the same name.
 */
import type { Difference } from './difference.ts';
import type { ScenarioRequest, ScenarioResult, Step } from './scenario.ts';

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
  'never-as-root': (difference, { request }) =>
    difference.about === 'kept' && !request['build-users'] && sameLines(difference, withoutOwner),
  'strict-derivations': (difference, context) =>
    refusedDerivations(context).some((refused) => concernsRefused(difference, refused)),
  'derivation-error-place': (difference) =>
    difference.about === 'message' &&
    difference.op === 'add-text-to-store' &&
    difference.recorded.length === 1 &&
    / \(at byte \d+\)"$/.test(difference.seen[0] ?? ''),
  'overlapping-ends': (difference) =>
    difference.about === 'text' ? differsInOverlapOnly(difference) : isReordered(difference),
  'shared-builds': (difference, context) =>
    difference.about === 'text' && isShared(difference.step, context) && waitsForLocks(difference.recorded),
  'hook-without-reply': (_difference, { recorded }) =>
    recorded.steps.some(({ message }) => message === 'unexpected EOF reading a line'),
  'no-trace-in-logs': (difference) =>
    difference.about === 'log' &&
    sameText(
      difference.recorded.filter((line) => !line.startsWith('@ ')),
      difference.seen,
    ),
  'set-id-bits': (difference) =>
    (difference.about === 'text' || difference.about === 'log') && sameLines(difference, withoutSetIdBits),
  'no-debug-texts': (difference, context) =>
    difference.about === 'text' && verbosityBefore(difference.step, context) > 0 && isPartOf(difference),
  'builtin-downloads': (difference) =>
    (difference.about === 'text' || difference.about === 'log') &&
    difference.recorded.some((line) => line.includes('refusing to run with elevated privileges')),
};

/** The name of the rule that a difference falls under, or nothing: then it is a failure. */
export function acceptedAs(difference: Difference, context: Context): string | undefined {
  return Object.entries(acceptedDifferences).find(([, rule]) => rule(difference, context))?.[0];
}

/** The same items, registered in another order: of builds that do not need each other, the shorter end comes first. */
function isReordered({ about, recorded, seen }: Difference): boolean {
  return about === 'registration-order' && sameText(recorded.toSorted(), seen.toSorted());
}

function sameText(recorded: readonly string[], seen: readonly string[]): boolean {
  return recorded.join('\n') === seen.join('\n');
}

function sameLines({ recorded, seen }: Difference, normal: (line: string) => string): boolean {
  return recorded.length === seen.length && recorded.every((line, place) => normal(line) === normal(seen[place] ?? ''));
}

/** A line of `ls -l` without set-user-id and set-group-id bits. */
function withoutSetIdBits(line: string): string {
  return line.replace(/^-(..)[sx](..)[sx]/, '-$1x$2x');
}

/** A file's line without its owner and group. */
function withoutOwner(line: string): string {
  return line.replace(/ \S+:\d+(?= |$)/, '');
}

/** A derivation that was taken, or sent the reference into an endless loop, and is refused now. */
interface RefusedDerivation {
  readonly step: number;
  readonly path: unknown;
}

function refusedDerivations({ request, recorded, seen }: Context): RefusedDerivation[] {
  return recorded.steps.flatMap(({ op, outcome, reply }, step) => {
    const isRefused = seen.steps[step]?.outcome === 'error' && outcome !== 'error';
    const message = seen.steps[step]?.message ?? '';
    if (op !== 'add-text-to-store' || !isRefused || !/^(error parsing )?derivation `/.test(message)) return [];
    return [{ step, path: reply ?? pathAskedNext(request, step) }];
  });
}

/** What the next step asks about: a recording without a reply has no other word for the path. */
function pathAskedNext({ steps }: ScenarioRequest, step: number): unknown {
  const { op, args } = (steps[step + 1] ?? {}) as Step;
  return op === 'valid-path?' ? (args as readonly unknown[])[0] : undefined;
}

function concernsRefused(difference: Difference, { step, path }: RefusedDerivation): boolean {
  if ('step' in difference) {
    return difference.step === step || (difference.step === step + 1 && difference.op === 'valid-path?');
  }
  if (difference.about === 'derivation-outputs')
    return onlyRecorded(difference).every((line) => line.startsWith(`${path}!`));
  return 'path' in difference && difference.path === path && difference.seen.length === 0;
}

function onlyRecorded({ recorded, seen }: Difference): string[] {
  return seen.every((line) => recorded.includes(line))
    ? recorded.filter((line) => !seen.includes(line))
    : [...recorded];
}

/** The next build may begin while the store judges the outputs of the one before. Each keeps its own order. */
function differsInOverlapOnly({ recorded, seen }: Difference): boolean {
  const trace = /^@ build-(started|succeeded|failed) (\S+)/;
  const derivations = new Set(recorded.flatMap((line) => trace.exec(line)?.[2] ?? []));
  const ofOne = (lines: readonly string[], derivation: string) =>
    lines.filter((line) => trace.exec(line)?.[2] === derivation).join('\n');
  const rest = (lines: readonly string[]) => lines.filter((line) => !trace.test(line)).join('\n');
  return (
    derivations.size > 1 &&
    rest(recorded) === rest(seen) &&
    [...recorded].sort().join('\n') === [...seen].sort().join('\n') &&
    [...derivations].every((derivation) => ofOne(recorded, derivation) === ofOne(seen, derivation))
  );
}

/** True when another connection asked for builds just before this step, and its request was still under way. */
function isShared(step: number, { request }: Context): boolean {
  const [before, here] = [request.steps[step - 1], request.steps[step]];
  return before?.op === 'build-things' && here?.op === 'build-things' && before.connection !== here.connection;
}

function waitsForLocks(lines: readonly string[]): boolean {
  return lines.length === 1 && lines[0] === 'waiting for locks or build slots...';
}

function verbosityBefore(step: number, { request }: Context): number {
  const settings = request.steps.slice(0, step).filter(({ op }) => op === 'set-options');
  return Number((settings.at(-1)?.args as { verbosity?: number } | undefined)?.verbosity ?? 0);
}

/** All that was seen was recorded too, some of it deeper in the tree of debug texts. */
function isPartOf({ recorded, seen }: Difference): boolean {
  const known = new Set(
    recorded.map((line) => line.replace(/^(\| {3})+/, '').replace(/(@ build-started .*) \d+$/, '$1 PID')),
  );
  return seen.every((line) => known.has(line));
}
