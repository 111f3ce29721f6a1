/**
 * A world of its own for a program that has to run as if the machine were fresh: /gnu, /var, /etc, /tmp, the accounts, the
 * processes and the network are new, and gone with it. Needs root.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const script = fileURLToPath(new URL('private-world.sh', import.meta.url));

export interface PrivateCommand {
  /** Run inside by the pinned Node.js: a program of the checkout, and its words. */
  readonly program: string;
  readonly words: readonly string[];
  /** Directories that the program needs, besides the checkout; no spaces in their names. */
  readonly directories: readonly string[];
  readonly stdio: StdioOptions;
  /** Added to the environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** True when such worlds can be made. */
export function canMakeWorlds(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/** Starts `program` in a world of its own. Killing the process that is given ends everything in it. */
export function startInPrivateWorld({ program, words, directories, stdio, environment }: PrivateCommand): ChildProcess {
  const cache = `${checkout}/node_modules/.cache`;
  mkdirSync(cache, { recursive: true });
  const namespaces = ['--mount', '--pid', '--net', '--uts', '--ipc', '--fork', '--kill-child'];
  const command = ['/bin/sh', script, cache, checkout, ...directories, '--', process.execPath, program, ...words];
  const env = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', ...environment };
  return spawn('unshare', [...namespaces, ...command], { stdio, env });
}
