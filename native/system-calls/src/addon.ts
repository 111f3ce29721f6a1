/**
 * Loads the addon. Its functions are those of the kernel by name and order of arguments; results beyond one number or
 * string lie in `registers` until the next call.
 */
import { createRequire } from 'node:module';
import { Fault } from '@cooper/fault';

/** A file name, path or link target: one character (0 to 255) a byte, or the bytes. Never with a NUL. */
export type Name = string | Uint8Array;

export interface Addon {
  readonly registers: Float64Array;
  openat(directory: number, name: Name, flags: number, mode: number): number;
  openat2(directory: number, name: Name, flags: number, mode: number, resolve: number): number;
  close(descriptor: number): void;
  mkdirat(directory: number, name: Name, mode: number): void;
  mknodat(directory: number, name: Name, mode: number, device: number): void;
  unlinkat(directory: number, name: Name, flags: number): void;
  renameat2(fromDirectory: number, from: Name, toDirectory: number, to: Name, flags: number): void;
  linkat(fromDirectory: number, from: Name, toDirectory: number, to: Name): void;
  symlinkat(target: Name, directory: number, name: Name): void;
  readlinkat(directory: number, name: Name): string;
  fstatat(directory: number, name: Name): void;
  fstatvfs(descriptor: number): void;
  fchmod(descriptor: number, mode: number): void;
  fchownat(directory: number, name: Name, user: number, group: number): void;
  utimensat(directory: number, name: Name, seconds: number, nanoseconds: number): void;
  syncfs(descriptor: number): void;
  listxattrat(directory: number, name: Name): string;
  setxattrat(directory: number, name: Name, attribute: Name, value: Uint8Array): void;
  removexattrat(directory: number, name: Name, attribute: Name): void;
  readDirectory(descriptor: number): (string | number)[];
  rewindDirectory(descriptor: number): void;
  readFileAt(directory: number, name: Name, room: Uint8Array): number;
  makeFileAt(directory: number, name: Name, mode: number, contents: Uint8Array, seconds: number): void;
  read(descriptor: number, room: Uint8Array): number;
  write(descriptor: number, contents: Uint8Array): void;
  tryLock(descriptor: number, exclusive: boolean): boolean;
  unlock(descriptor: number): void;
  peerCredentials(descriptor: number): void;
  makePipe(): void;
  startProcess(program: Name, output: number): void;
  keepAcrossExec(descriptor: number): void;
  takeProcessEnd(pid: number): boolean;
}

const location = '../build/system-calls.node';

function load(): Addon {
  const require = createRequire(import.meta.url);
  try {
    return require(location) as Addon;
  } catch (cause) {
    const path = new URL(location, import.meta.url).pathname;
    const message = `the system calls are not built (${path} does not load): run \`npm run build\``;
    throw new Fault('addon-missing', message, { path }, { cause });
  }
}

export const addon: Addon = load();
