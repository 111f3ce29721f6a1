/**
 * Makes a fresh clone ready: dependencies, native programs, and (with `--for-tests`) what only tests need. Every step
 * is skipped when there is nothing to do, so that a second run takes a moment.
 *
 * Runs on the Node that the user has (20 or newer), before anything is installed: plain JavaScript, nothing but Node.
 * Everything it says goes to stderr; stdout belongs to the command that comes after it.
 */
import { fileURLToPath } from 'node:url';
import { installDependencies } from './dependencies.mjs';
import { compileNativePrograms } from './native-programs.mjs';
import { SetupProblem } from './step.mjs';
import { installTestPackages } from './test-packages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

try {
  installDependencies(root);
  compileNativePrograms(root);
  if (process.argv.includes('--for-tests')) installTestPackages();
} catch (error) {
  if (!(error instanceof SetupProblem)) throw error;
  console.error(`set-up: ${error.message}`);
  process.exitCode = 1;
}
