/**
 * Runs one test file by Node, as a person would, and reads its TAP. Not by the `tap` command: its start and its module
 * hooks cost a second for each project and a fifth for each file, and its runs share the folder .tap.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { type Failure, readTapResults, type TapResults } from './tap-results.ts';

export interface FileResult extends TapResults {
  /** Relative to the checkout. */
  readonly file: string;
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What failed when the file was run first, if it passed when it was run once more. */
  readonly unsteady?: string | undefined;
}

export interface TestLimits {
  /** How long one file may take, in milliseconds. */
  readonly timeout: number;
}

/** How long before a file is killed, in seconds, its tests end by themselves, and say which of them was at work. */
const notice = 5;

const running = new Set<number>();

/** Runs a test file in the current directory. Whatever it left running in its process group is killed. */
export async function runTestFile(file: string, { timeout }: TestLimits): Promise<FileResult> {
  const start = performance.now();
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...plainEnvironment(), TAP_TIMEOUT: String(Math.max(1, timeout / 1000 - notice)) },
    detached: true,
  });
  const group = child.pid;
  if (group === undefined) throw new Error(`cannot start ${process.execPath}`);
  running.add(group);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(group);
  }, timeout);
  const ended = once(child, 'exit');
  ended.finally(() => killGroup(group));
  const [[code, signal], stdout, stderr] = await Promise.all([ended, buffer(child.stdout), buffer(child.stderr)]);
  clearTimeout(timer);
  running.delete(group);
  const results = withEnd(
    readTapResults(stdout.toString()),
    late ? `no end within ${timeout / 1000} s` : describeEnd(code, signal),
  );
  const seconds = (performance.now() - start) / 1000;
  return { file, seconds, stdout: stdout.toString(), stderr: stderr.toString(), ...results };
}

/** Without what nx and terminals add: a test finds the same environment however it is run. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:NX_|FORCE_COLOR$|NO_COLOR$)/.test(name)),
  );
}

/** Ends what still runs, for a runner that is told to stop. */
export function stopTestFiles(): void {
  for (const group of running) killGroup(group);
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function describeEnd(code: number | null, signal: string | null): string | undefined {
  return code === 0 ? undefined : `ended by ${signal ?? `exit code ${code}`}`;
}

/** A file that ends badly has failed, even if none of its assertions has. */
function withEnd(results: TapResults, badEnd: string | undefined): TapResults {
  if (badEnd === undefined || results.failures.length > 0) return results;
  const failure: Failure = { name: badEnd, facts: {} };
  return { ...results, failed: Math.max(results.failed, 1), failures: [failure] };
}
