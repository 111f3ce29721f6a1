/**
 * Where the results of a project's tests lie: `dist/test-results/<project>/summary.json`, and the whole output of each
 * file beside it. nx keeps the folder in its cache and puts it back, so that totals are whole when little was run.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { addCounts } from './report.ts';
import type { TestCounts } from './tap-results.ts';
import type { FileResult } from './test-file.ts';

const folder = 'dist/test-results';

export interface ProjectSummary extends TestCounts {
  /** The project's folder. */
  readonly project: string;
  /** `file: name: reason` of each test that was skipped. */
  readonly skips: readonly string[];
  /** What failed at first, for each file that passed when it was run once more. */
  readonly unsteady: readonly string[];
}

/** Forgets the results of all projects. */
export function clearResults(): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Keeps the results of the project in this folder, in place of those it had. */
export function writeResults(project: string, results: readonly FileResult[]): void {
  const skips = results.flatMap(({ file, skips }) => skips.map((skip) => `${file}: ${skip}`));
  const unsteady = results.flatMap(({ unsteady }) => unsteady ?? []);
  const summary: ProjectSummary = { project, ...addCounts(results), skips, unsteady };
  const target = join(folder, project);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const { file, stdout, stderr } of results) {
    const output = join(target, file.slice(project.length));
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(`${output}.tap`, stdout);
    if (stderr !== '') writeFileSync(`${output}.stderr`, stderr);
  }
  writeFileSync(join(target, 'summary.json'), `${JSON.stringify(summary)}\n`);
}

/** The summaries of all projects that have one. */
export function readSummaries(): readonly ProjectSummary[] {
  return globSync(`${folder}/**/summary.json`).map((file) => JSON.parse(readFileSync(file, 'utf8')) as ProjectSummary);
}
