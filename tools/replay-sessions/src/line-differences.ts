/** How two lists of lines differ. */

/** The lines from the first to the last that differs: `-` before those expected, `+` before those seen. None when equal. */
export function lineDifferences(expected: readonly string[], seen: readonly string[]): string[] {
  let start = 0;
  while (start < expected.length && expected[start] === seen[start]) start++;
  if (start === expected.length && start === seen.length) return [];
  let end = 0;
  while (end < Math.min(expected.length, seen.length) - start && expected.at(-1 - end) === seen.at(-1 - end)) end++;
  const before = start > 0 ? [`  ${expected[start - 1]}`] : [];
  return [
    ...before,
    ...expected.slice(start, expected.length - end).map((line) => `- ${line}`),
    ...seen.slice(start, seen.length - end).map((line) => `+ ${line}`),
  ];
}
