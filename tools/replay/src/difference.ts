/** Differences between what was recorded and what was seen, as data. */

/** What a difference is about; `step` counts from 0. */
export type Subject =
  | { readonly about: 'outcome' | 'reply' | 'message' | 'status' | 'text'; readonly step: number; readonly op: string }
  | { readonly about: 'valid-path' | 'tree' | 'kept' | 'log'; readonly path: string }
  | { readonly about: 'leftover'; readonly path: string }
  | { readonly about: 'registration-order' | 'derivation-outputs' | 'failed-paths' | 'removed' | 'gone' };

export type Difference = Subject & {
  /** One line each; empty where one side has nothing. */
  readonly recorded: readonly string[];
  readonly seen: readonly string[];
};

/** The difference between two lists of lines, or none. */
export function differ(subject: Subject, recorded: readonly string[], seen: readonly string[]): Difference[] {
  const same = recorded.length === seen.length && recorded.every((line, index) => line === seen[index]);
  return same ? [] : [{ ...subject, recorded, seen }];
}

/** The same for single values, which are shown as JSON. */
export function differInValue(subject: Subject, recorded: unknown, seen: unknown): Difference[] {
  return differ(subject, valueLines(recorded), valueLines(seen));
}

function valueLines(value: unknown): string[] {
  return value === undefined ? [] : [JSON.stringify(value)];
}

/** A difference for people: a title, then the lines that only one side has. */
export function formatDifference(difference: Difference): string {
  const { recorded, seen } = difference;
  const lines = mergedLines(recorded, seen).map((line) => `      ${JSON.stringify(line).slice(1, -1)}`);
  return [`    ${title(difference)}`, ...lines].join('\n');
}

function title(difference: Difference): string {
  if ('step' in difference) return `step ${difference.step} (${difference.op}): ${difference.about}`;
  return 'path' in difference ? `${difference.about} ${difference.path}` : difference.about;
}

/** Both texts in one, `-` before what was recorded only and `+` before what was seen only. */
export function mergedLines(recorded: readonly string[], seen: readonly string[]): string[] {
  const table = commonLengths(recorded, seen);
  const lines: string[] = [];
  let [r, s] = [0, 0];
  while (r < recorded.length || s < seen.length) {
    if (r < recorded.length && recorded[r] === seen[s]) {
      lines.push(`  ${recorded[r++]}`);
      s++;
    } else if (s >= seen.length || (r < recorded.length && at(table, r + 1, s) >= at(table, r, s + 1))) {
      lines.push(`- ${recorded[r++]}`);
    } else lines.push(`+ ${seen[s++]}`);
  }
  return lines;
}

/** For each pair of places, the length of the longest common part behind them. */
function commonLengths(recorded: readonly string[], seen: readonly string[]): number[][] {
  const table = Array.from({ length: recorded.length + 1 }, () => new Array<number>(seen.length + 1).fill(0));
  for (let r = recorded.length - 1; r >= 0; r--) {
    for (let s = seen.length - 1; s >= 0; s--) {
      const longest = Math.max(at(table, r + 1, s), at(table, r, s + 1));
      (table[r] as number[])[s] = recorded[r] === seen[s] ? at(table, r + 1, s + 1) + 1 : longest;
    }
  }
  return table;
}

function at(table: readonly (readonly number[])[], row: number, column: number): number {
  return table[row]?.[column] ?? 0;
}
