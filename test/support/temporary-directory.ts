/** Directories for the length of a test. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/**
 * Makes an empty directory that is removed after the test, whatever the test leaves in it. In memory (`/dev/shm`) where
 * `inMemory` says so and there is such a place: for trees of very many files.
 */
export function temporaryDirectory(t: Test, { inMemory = false } = {}): string {
  const directory = makeDirectory(inMemory ? ['/dev/shm', tmpdir()] : [tmpdir()]);
  // With root, some processes become another user, who has to get through to the sockets of the others.
  chmodSync(directory, 0o755);
  t.teardown(() => {
    spawnSync('chmod', ['-R', 'u+rwx', directory]);
    spawnSync('rm', ['-rf', directory]);
  });
  return directory;
}

function makeDirectory([first = tmpdir(), ...others]: readonly string[]): string {
  try {
    return mkdtempSync(join(first, 'cooper-test-'));
  } catch (error) {
    if (others.length === 0) throw error;
    return makeDirectory(others);
  }
}
