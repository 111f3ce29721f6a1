/** Holds what was seen against what was recorded: every difference, whether it is meant or not. */
import { type Difference, differ, differInValue } from './difference.ts';
import { fileLine, normalLines, normalLogLines } from './normal-form.ts';
import type { FileEntry, LogFile, ScenarioResult, StepResult, Trees, ValidPathRow } from './scenario.ts';

export function compare(recorded: ScenarioResult, seen: ScenarioResult): Difference[] {
  return [
    ...recorded.steps.flatMap((step, index) => compareStep(index, step, seen.steps[index] ?? {})),
    ...compareDatabase(recorded.database, seen.database),
    ...compareTrees('tree', recorded['output-trees'], seen['output-trees']),
    ...compareTrees('leftover', recorded['store-entries-not-valid'], seen['store-entries-not-valid']),
    ...differ({ about: 'gone' }, recorded['store-entries-gone'], seen['store-entries-gone']),
    ...compareTrees('kept', recorded.tmp, seen.tmp),
    ...compareLogs(recorded.logs, seen.logs),
  ];
}

function compareStep(step: number, recorded: StepResult, seen: StepResult): Difference[] {
  if (recorded.op === undefined) return [];
  const { op } = recorded;
  return [
    ...differInValue({ about: 'outcome', step, op }, recorded.outcome, seen.outcome),
    ...differInValue({ about: 'reply', step, op }, comparableReply(op, recorded), comparableReply(op, seen)),
    ...differInValue({ about: 'message', step, op }, recorded.message, seen.message),
    ...differInValue({ about: 'status', step, op }, recorded.status, seen.status),
    ...differ({ about: 'text', step, op }, normalLines(recorded.text ?? ''), normalLines(seen.text ?? '')),
  ];
}

/** A reply without the time of registration. */
function comparableReply(op: string, { reply, outcome }: StepResult): unknown {
  if (outcome !== 'success') return undefined;
  if (op !== 'query-path-info' || reply === null || typeof reply !== 'object') return reply ?? undefined;
  return Object.fromEntries(Object.entries(reply).filter(([name]) => !name.toLowerCase().includes('time')));
}

type DatabaseResult = ScenarioResult['database'];

function compareDatabase(recorded: DatabaseResult, seen: DatabaseResult): Difference[] {
  const recordedPaths = recorded['new-ValidPaths'];
  const seenPaths = seen['new-ValidPaths'];
  const order = (rows: readonly ValidPathRow[], others: readonly ValidPathRow[]) =>
    rows.map(({ path }) => path).filter((path) => others.some((other) => other.path === path));
  const drvs = new Set(recorded['DerivationOutputs-of-new-or-built'].map(({ drv }) => drv));
  return [
    ...byName(recordedPaths, seenPaths, ({ path }) => path).flatMap(([path, one, other]) =>
      differ({ about: 'valid-path', path }, rowLines(one), rowLines(other)),
    ),
    ...differ({ about: 'registration-order' }, order(recordedPaths, seenPaths), order(seenPaths, recordedPaths)),
    ...differ(
      { about: 'derivation-outputs' },
      outputLines(recorded),
      outputLines({
        ...seen,
        'DerivationOutputs-of-new-or-built': seen['DerivationOutputs-of-new-or-built'].filter(({ drv }) =>
          drvs.has(drv),
        ),
      }),
    ),
    ...differ({ about: 'failed-paths' }, recorded.FailedPaths, seen.FailedPaths),
    ...differ({ about: 'removed' }, recorded['removed-ValidPaths'], seen['removed-ValidPaths']),
  ];
}

function rowLines(row: ValidPathRow | undefined): string[] {
  if (row === undefined) return [];
  const { hash, deriver, narSize, references } = row;
  return [`hash ${hash}`, `deriver ${deriver}`, `size ${narSize}`, `references ${[...references].sort().join(' ')}`];
}

function outputLines(database: DatabaseResult): string[] {
  return database['DerivationOutputs-of-new-or-built'].map(({ drv, id, path }) => `${drv}!${id} ${path}`).sort();
}

function compareTrees(about: 'tree' | 'leftover' | 'kept', recorded: Trees, seen: Trees): Difference[] {
  return byName(Object.entries(recorded), Object.entries(seen), ([name]) => name).flatMap(([path, one, other]) =>
    differ({ about, path }, treeLines(one?.[1]), treeLines(other?.[1])),
  );
}

function treeLines(tree: readonly FileEntry[] | undefined): string[] {
  return (tree ?? []).map(fileLine).sort();
}

function compareLogs(recorded: readonly LogFile[], seen: readonly LogFile[]): Difference[] {
  return byName(recorded, seen, ({ path }) => path).flatMap(([path, one, other]) =>
    differ({ about: 'log', path }, logLines(one), logLines(other)),
  );
}

function logLines(log: LogFile | undefined): string[] {
  return log === undefined ? [] : [`mode ${log.mode}`, ...normalLogLines(log.contents ?? '')];
}

/** Pairs two lists by name: every name of either, in order, with what each list has under it. */
function byName<T>(
  recorded: readonly T[],
  seen: readonly T[],
  name: (item: T) => string,
): [name: string, recorded: T | undefined, seen: T | undefined][] {
  const ours = new Map(recorded.map((item) => [name(item), item]));
  const theirs = new Map(seen.map((item) => [name(item), item]));
  const names = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return names.map((key) => [key, ours.get(key), theirs.get(key)]);
}
