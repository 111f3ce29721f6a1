/** What the steps of the set-up share: saying what happens, running programs, and stopping with a reason. */
import { spawnSync } from 'node:child_process';

/** Why the set-up cannot go on, in words for the user; shown without a stack. */
export class SetupProblem extends Error {}

/** @param {string} message One line for the user, on stderr. */
export function say(message) {
  console.error(`set-up: ${message}`);
}

/**
 * Runs a program to its end, without standard input, its output going to stderr.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 * @throws {SetupProblem} when it cannot be started, fails, or is out of time
 */
export function run(program, args, options = {}) {
  const { error, status, signal } = spawnSync(program, args, { ...options, stdio: ['ignore', 2, 2] });
  const command = [program, ...args].join(' ');
  if (error !== undefined) throw new SetupProblem(`cannot run \`${command}': ${error.message}`);
  if (status !== 0) throw new SetupProblem(`\`${command}' failed (${signal ?? `exit code ${status}`})`);
}

/**
 * @param {string} program
 * @returns {boolean} whether the shell would find it
 */
export function isInstalled(program) {
  return spawnSync('sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' }).status === 0;
}
