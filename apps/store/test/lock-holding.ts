/** Locks of other programs, for tests: a process of our own holds them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const holder = fileURLToPath(new URL('lock-holder.ts', import.meta.url));

/** Has another process hold a lock on a file, until it is ended. */
export async function holdLock(
  t: { teardown(work: () => unknown): unknown },
  file: string,
  kind: 'shared' | 'exclusive',
): Promise<() => Promise<void>> {
  const child: ChildProcess = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', holder, file, kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill());
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return async () => {
    child.kill();
    await new Promise((resolve) => child.once('close', resolve));
  };
}
