/** Directories for tests that bind sockets: the path of a test's own directory in the checkout may be too long for them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/** A fresh, empty directory with a short path, which goes when the test ends. */
export function temporaryDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'cooper-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
