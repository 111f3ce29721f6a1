/**
 * The directory of sockets and locks: for its owner alone, and for one supervisor at a time. While one is ready for
 * clients, there is a socket `supervisor`; `settings` tells clients what is in force.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cooperUser, settingValues } from '@cooper/config';
import { Fault } from '@cooper/fault';
import { type FileLock, lockFile } from '@cooper/process/lock-file';
import type { SupervisorSettings } from './settings.ts';

/** How long, in ms, another supervisor may take to get ready, or to stop everything and end. */
const patience = 20_000;
const interval = 20;

/**
 * Makes the directory and takes its lock, which is held until the process ends; waits while another supervisor starts or
 * stops. False when another one is there to stay.
 */
export async function takeRunDirectory(settings: SupervisorSettings): Promise<boolean> {
  const { state, run } = settings.directories;
  try {
    mkdirSync(state, { recursive: true, mode: 0o755 });
    mkdirSync(run, { recursive: true, mode: 0o700 });
    openToOurs(run);
    if ((await waitForLock(run)) === null) return false;
    removeSockets(settings);
    writeFileSync(`${run}/settings`, `${JSON.stringify(settingValues(settings), null, 1)}\n`, { mode: 0o600 });
    return true;
  } catch (error) {
    throw new Fault('cannot-start', `cannot use ${run}: ${(error as Error).message}`, { run }, { cause: error });
  }
}

/** The directory above `path` that processes which have become another user cannot pass through; nothing where they can. */
export function closedDirectoryAbove(path: string): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (let above = dirname(path); ; above = dirname(above)) {
    if ((statSync(above).mode & 0o001) === 0) return above;
    if (above === '/') return undefined;
  }
}

/**
 * Processes that have become another user go to the store's bulk socket in there, with the tickets that they are given: they
 * may pass through, and see nothing. The other sockets are not for them.
 */
function openToOurs(run: string): void {
  if (process.getuid?.() === 0) chownSync(run, 0, cooperUser().gid);
  chmodSync(run, process.getuid?.() === 0 ? 0o710 : 0o700);
}

/** Leaves no socket behind that nobody serves. */
export function leaveRunDirectory(settings: SupervisorSettings): void {
  removeSockets(settings);
}

async function waitForLock(run: string): Promise<FileLock | null> {
  for (const deadline = Date.now() + patience; ; await new Promise((resolve) => setTimeout(resolve, interval))) {
    // First: a supervisor that stops removes its socket before it gives up the lock.
    const ready = existsSync(`${run}/supervisor`);
    const lock = lockFile(`${run}/supervisor.lock`);
    if (lock !== null || ready || Date.now() > deadline) return lock;
  }
}

function removeSockets({ directories, processes }: SupervisorSettings): void {
  const names = ['supervisor', ...processes.flatMap(({ serves }) => serves)];
  for (const name of names) rmSync(`${directories.run}/${name}`, { force: true });
}
