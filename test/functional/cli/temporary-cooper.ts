/** `cooper` with a store of its own in a temporary directory, as a user runs it: real processes, real builds. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { processesOf } from '../../support/process-tree.ts';

const executable = fileURLToPath(new URL('../../../apps/cli/bin/cooper', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Ended>;
}

/** What tests build with: the shell of this machine, which the sandbox shows. */
export const recipeStart = `
import { derivation, source, text } from '@cooper/recipe';
import { existsSync } from 'node:fs';
export const sandboxPaths = ['/bin', '/usr', '/lib', '/lib64'].filter((path) => existsSync(path));
const shell = (name, script, more = {}) =>
  derivation({ name, builder: '/bin/sh', args: ['-c', script], ...more, env: { PATH: '/bin:/usr/bin', ...more.env } });
`;

export class TemporaryCooper {
  readonly executable = executable;
  readonly directory = mkdtempSync(join(tmpdir(), 'cooper-cli-'));
  readonly store = join(this.directory, 'store');
  readonly state = join(this.directory, 'state');
  #recipes = 0;

  constructor() {
    // Processes without rights go through it, as they would in /var.
    chmodSync(this.directory, 0o755);
  }

  /** Writes a recipe below `recipeStart`, and gives its file. */
  recipe(contents: string): string {
    return this.file(`recipe-${++this.#recipes}.ts`, recipeStart + contents);
  }

  /** Writes a file, and gives its path. */
  file(name: string, contents: string | Uint8Array): string {
    const path = join(this.directory, name);
    writeFileSync(path, contents);
    return path;
  }

  /** Starts `cooper COMMAND… --store-dir … --state-dir …`. */
  start(...words: readonly string[]): Running {
    return this.startBare(...words, '--store-dir', this.store, '--state-dir', this.state);
  }

  /** Starts `cooper` with these words alone. */
  startBare(...words: readonly string[]): Running {
    const child = spawn(executable, words, { stdio: 'pipe', cwd: this.directory });
    const status = new Promise<Pick<Ended, 'status' | 'signal'>>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => resolve({ status, signal }));
    });
    const ended = Promise.all([status, buffer(child.stdout), buffer(child.stderr)]).then(([end, stdout, stderr]) => ({
      ...end,
      stdout: stdout.toString('latin1'),
      stderr: stderr.toString(),
    }));
    return { process: child, ended };
  }

  /** Runs a command to its end. Its standard input is empty. */
  run(...words: readonly string[]): Promise<Ended> {
    return finish(this.start(...words), '');
  }

  /** Runs a command to its end, with `input` as its standard input. */
  runWith(input: string | Uint8Array, ...words: readonly string[]): Promise<Ended> {
    return finish(this.start(...words), input);
  }

  /** Runs a command to its end, without the directories of this store. */
  runBare(...words: readonly string[]): Promise<Ended> {
    return finish(this.startBare(...words), '');
  }

  /** Runs a command to its end, without the directories of this store, with `input` as its standard input. */
  runBareWith(input: string | Uint8Array, ...words: readonly string[]): Promise<Ended> {
    return finish(this.startBare(...words), input);
  }

  /** The names, or command lines, of the processes of this store. */
  processes(): string[] {
    return processesOf(this.directory).map(({ commandLine }) => commandLine);
  }

  /** Waits until nothing runs any more. Throws after ten seconds. */
  async quiet(): Promise<void> {
    for (const deadline = Date.now() + 10_000; this.processes().length > 0; await delay(50)) {
      if (Date.now() > deadline) throw new Error(`still there: ${this.processes().join('; ')}`);
    }
  }

  /** Removes everything, once nothing runs any more. */
  async remove(): Promise<void> {
    await this.quiet();
    // A process that is just dying may finish its last system call meanwhile.
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function finish({ process: child, ended }: Running, input: string | Uint8Array): Promise<Ended> {
  // A command that does not read its input may be gone before it is written.
  child.stdin.on('error', () => child.stdin.destroy());
  child.stdin.end(input);
  return ended;
}

/** What a command has said on standard error so far. */
export function listen({ process }: Running): () => string {
  let text = '';
  process.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return () => text;
}

/** Waits for `condition`, for at most `patience` ms; `what` says what did not happen. */
export async function until(condition: () => boolean, what: string, patience = 20_000): Promise<void> {
  for (const deadline = Date.now() + patience; !condition(); await delay(20)) {
    if (Date.now() > deadline) throw new Error(`it did not happen: ${what}`);
  }
}
