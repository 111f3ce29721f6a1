/**
 * `run-all.ts [--fast] [PROJECT…]` runs the tests of all projects, or of those named (`nar`, `nar-files`), by nx: what has not
 * changed since it last passed is not run again, but counts. `--fast` leaves out the tests that start whole processes.
 * The last line is `N passed, M failed`, with `, K skipped` if there were any; the exit code is 1 on a failure.
 */
import { spawnSync } from 'node:child_process';
import { clearResults, readSummaries } from './project-results.ts';
import { addCounts, formatCounts } from './report.ts';

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith('--')).map((name) => `@cooper/${name}`);
const choice = [
  ...(names.length > 0 ? [`--projects=${names.join(',')}`] : []),
  ...(words.includes('--fast') ? ['--exclude=@cooper/test'] : []),
];

clearResults();
const { status } = spawnSync(
  'nx',
  ['run-many', '--targets=test', '--output-style=stream-without-prefixes', ...choice],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false' },
  },
);
const summaries = readSummaries();
for (const { project, failed, skips, unsteady } of summaries) {
  for (const first of unsteady) console.log(`UNSTEADY, passed when it was run once more: ${first}`);
  for (const skip of skips) console.log(`SKIPPED ${skip}`);
  if (failed > 0) console.log(`${project}: ${failed} failed; its output is in dist/test-results/${project}`);
}
const counts = addCounts(summaries);
// nx fails for other reasons too: a program that does not compile, a runner that was killed.
const unseen = status !== 0 && counts.failed === 0 ? 1 : 0;
if (unseen > 0) console.log('a task failed before its tests could');
console.log(formatCounts({ ...counts, failed: counts.failed + unseen }));
process.exitCode = status === 0 && counts.passed > 0 ? 0 : 1;
