/** Compiles native/*: `make` decides what is out of date. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled, run, SetupProblem } from './step.mjs';

/** @param {string} root The checkout. */
export function compileNativePrograms(root) {
  const folders = readdirSync(join(root, 'native'))
    .map((name) => join(root, 'native', name))
    .filter((folder) => existsSync(join(folder, 'Makefile')));
  for (const program of ['make', 'cc']) {
    if (folders.length > 0 && !isInstalled(program)) {
      throw new SetupProblem(`\`${program}' is wanted; on Debian: apt-get install make gcc libc6-dev`);
    }
  }
  for (const folder of folders) run('make', ['--silent', '--no-print-directory', '-C', folder]);
}
