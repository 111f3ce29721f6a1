/** What people read of a test run. */
import type { Failure, TestCounts } from './tap-results.ts';
import type { FileResult } from './test-file.ts';

/** The line that closes a run, alone on its line: `12 passed, 0 failed, 1 skipped`. */
export function formatCounts({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

export function addCounts(counts: readonly TestCounts[]): TestCounts {
  const sum = (field: keyof TestCounts) => counts.reduce((total, { [field]: n }) => total + n, 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** One line for a file; below it what was skipped and what failed, and what a failed file wrote to stderr. */
export function formatFileResult(result: FileResult): string {
  const { file, seconds, failures, failed, skips, stderr } = result;
  return [
    `${failed > 0 ? 'FAILED' : 'ok'} ${file}: ${formatCounts(result)} (${seconds.toFixed(1)} s)`,
    ...skips.map((skip) => `  SKIPPED ${skip}`),
    ...failures.map(formatFailure),
    ...(failed > 0 && stderr !== '' ? [indent(lastLines(stderr, 100))] : []),
  ].join('\n');
}

function formatFailure({ name, facts }: Failure): string {
  const lines = Object.entries(facts)
    .filter(([fact]) => fact !== 'source')
    .map(([fact, value]) => indent(`${fact}: ${formatFact(value)}`));
  return [`  not ok ${name}`, ...lines.map(indent)].join('\n');
}

function formatFact(value: unknown): string {
  if (typeof value === 'string') return value.includes('\n') ? `\n${indent(lastLines(value, 60))}` : value;
  return JSON.stringify(value);
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function lastLines(text: string, count: number): string {
  const lines = text.trimEnd().split('\n');
  return lines.length <= count ? lines.join('\n') : ['…', ...lines.slice(-count)].join('\n');
}
