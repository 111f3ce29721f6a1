/** What a test file says about itself: the counts of its tests, and what failed, from its TAP output. */
import { type FinalResults, Parser, type Result } from 'tap-parser';

/** A test is a top-level test point of a file: a `t.test(…)`, or an assertion outside of any. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A failed assertion: the names that lead to it, and what TAP tells of it (`at`, `diff`, `stack` …). */
export interface Failure {
  readonly name: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface TapResults extends TestCounts {
  readonly failures: readonly Failure[];
  /** `name: reason` of each skipped test. */
  readonly skips: readonly string[];
}

/** Reads the TAP output of one test file. A plan that does not hold counts as a failure, and so does
 * a file without tests. */
export function readTapResults(tap: string): TapResults {
  const failures: Failure[] = [];
  let final: FinalResults | undefined;
  const parser = new Parser({}, (results) => {
    final = results;
  });
  collectFailures(parser, failures);
  parser.end(tap);
  if (final === undefined) throw new Error('the TAP parser ended without results');
  return { ...countTests(final), failures, skips: listSkips(final) };
}

/** Only the innermost failures are told: a test that holds one fails for no other reason. */
function collectFailures(parser: Parser, failures: Failure[]): void {
  parser.on('child', (child) => collectFailures(child, failures));
  parser.on('assert', (result) => {
    const holdsOne = failures.some(({ name }) => name.startsWith(`${result.fullname} > `));
    if (isFailure(result) && !holdsOne) failures.push({ name: result.fullname, facts: result.diag ?? {} });
  });
}

function isFailure(result: Result): boolean {
  return !result.ok && !result.todo && !result.skip;
}

function countTests({ pass, fail, skip, todo, plan, ok, count }: FinalResults): TestCounts {
  if (count === 0)
    return skipReason(plan) === undefined ? { passed: 0, failed: 1, skipped: 0 } : { passed: 0, failed: 0, skipped: 1 };
  return { passed: pass - skip, failed: ok ? 0 : Math.max(fail - todo, 1), skipped: skip };
}

function listSkips({ plan, skips }: FinalResults): readonly string[] {
  const reason = skipReason(plan);
  if (reason !== undefined) return [reason];
  return skips.map(({ name, skip }) => `${name}: ${skip === true ? 'no reason given' : skip}`);
}

/** Why a whole file was skipped. The parser takes a file that prints nothing for skipped, too, with these words. */
function skipReason({ skipAll, skipReason }: FinalResults['plan']): string | undefined {
  const reason = skipReason.replace(/^SKIP:? */i, '');
  return skipAll && reason !== '' && reason !== 'no tests found' ? reason : undefined;
}
