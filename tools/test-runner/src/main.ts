/**
 * `main.ts FOLDER [WORD…]` runs the tests of one project: every `*.test.ts` below the folder (whose path has one of the
 * words), two at a time, those of `test` one by one. The working directory is the checkout. Exits with 1 on a failure.
 *
 * In CI (the variable `CI` is set) a file that failed is run once more, alone. If it passes then it is not ok but unsteady: its
 * first failure is printed again at the end, for somebody to mend.
 */
import { globSync } from 'node:fs';
import { delimiter } from 'node:path';
import { writeResults } from './project-results.ts';
import { addCounts, formatCounts, formatFileResult } from './report.ts';
import { type FileResult, runTestFile, stopTestFiles } from './test-file.ts';

const [project = '', ...words] = process.argv.slice(2);
const whole = project === 'test';
const limits = { timeout: whole ? 300_000 : 120_000 };
const atATime = whole ? 1 : 2;

process.env['PATH'] = [`${process.cwd()}/node_modules/.bin`, process.env['PATH']].join(delimiter);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopTestFiles();
    process.exit(1);
  });
}

const waiting = globSync(`${project}/**/*.test.ts`, { exclude: (name) => name === 'node_modules' })
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();
if (waiting.length === 0) throw new Error(`no tests in ${project}`);

const results: FileResult[] = [];
await Promise.all(Array.from({ length: atATime }, runWaiting));
if (process.env['CI'] !== undefined) await runFailedAgain();
const counts = addCounts(results);
if (words.length === 0) writeResults(project, results);
console.log(`${project}: ${formatCounts(counts)}`);
process.exitCode = counts.failed > 0 ? 1 : 0;

async function runWaiting(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const result = await runTestFile(file, limits);
    results.push(result);
    console.log(formatFileResult(result));
  }
}

async function runFailedAgain(): Promise<void> {
  for (const [index, first] of results.entries()) {
    if (first.failed === 0) continue;
    const second = await runTestFile(first.file, limits);
    console.log(`once more, alone: ${formatFileResult(second)}`);
    results[index] = { ...second, unsteady: second.failed === 0 ? formatFileResult(first) : undefined };
  }
}
