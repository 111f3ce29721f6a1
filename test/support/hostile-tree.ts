/** Trees as hostile builds leave them, made by open directories because paths are too short for them. */
import type { ByteString } from '@cooper/byte-string';
import {
  AT_FDCWD,
  close,
  fchmod,
  makeFileAt,
  mkdirat,
  mknodat,
  O_DIRECTORY,
  O_RDONLY,
  openat,
  openPath,
  S_IFIFO,
  S_IFSOCK,
  symlinkat,
} from '@cooper/system-calls';

const directoryFlags = O_RDONLY | O_DIRECTORY;

/** Makes `depth` directories inside each other at `path`, the innermost holding a file. */
export function makeDeepTree(path: string, depth: number): void {
  mkdirat(AT_FDCWD, path, 0o755);
  let directory = openPath(path, directoryFlags);
  for (let level = 1; level < depth; level++) {
    mkdirat(directory, 'd', 0o755);
    const inner = openat(directory, 'd', directoryFlags);
    close(directory);
    directory = inner;
  }
  makeFileAt(directory, 'bottom', { mode: 0o644, contents: Buffer.from('bottom\n') });
  close(directory);
}

/** Makes a directory at `path` with `count` empty files of long names. */
export function makeWideTree(path: string, count: number): void {
  mkdirat(AT_FDCWD, path, 0o755);
  const directory = openPath(path, directoryFlags);
  const contents = new Uint8Array();
  for (let index = 0; index < count; index++)
    makeFileAt(directory, `${index}-${'x'.repeat(20)}`, { mode: 0o644, contents });
  close(directory);
}

/** Names that a careless program stumbles over. */
export const strangeNames = [
  '\xff\xfe',
  '-rf',
  '...',
  'new\nline',
  ' ',
  '\\',
  '__proto__',
  'constructor',
  '\x01\x1b[31m',
  'n'.repeat(255),
  `${'\xe4'.repeat(255)}`,
] as ByteString[];

/** Makes a directory at `path` with everything that no archive can hold, and everything that is hard to enter. */
export function makeStrangeTree(path: string): void {
  mkdirat(AT_FDCWD, path, 0o755);
  const directory = openPath(path, directoryFlags);
  for (const name of strangeNames) makeFileAt(directory, name, { mode: 0o644, contents: Buffer.from('x') });
  mknodat(directory, 'fifo', S_IFIFO | 0o600);
  mknodat(directory, 'socket', S_IFSOCK | 0o600);
  symlinkat('/', directory, 'root');
  symlinkat('..', directory, 'above');
  symlinkat('nowhere', directory, 'dangling');
  for (const mode of [0o000, 0o111, 0o222, 0o444, 0o555]) makeLockedDirectory(directory, mode);
  close(directory);
}

/** A directory of this mode, holding a file and another directory like it. */
function makeLockedDirectory(directory: number, mode: number): void {
  const name = `mode-${mode.toString(8)}`;
  mkdirat(directory, name, 0o700);
  const outer = openat(directory, name, directoryFlags);
  mkdirat(outer, 'inner', 0o700);
  const inner = openat(outer, 'inner', directoryFlags);
  for (const place of [outer, inner]) {
    makeFileAt(place, 'file', { mode: 0, contents: Buffer.from('x') });
    fchmod(place, mode);
    close(place);
  }
}
