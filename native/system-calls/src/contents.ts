/** Whole small files in one call, and the contents of open files. */
import { addon, type Name } from './addon.ts';
import { type FileStatus, statusInRegisters } from './status.ts';

const descriptorRegister = 15;
const modeRegister = 0;
const sizeRegister = 1;
const userRegister = 4;

/** A small regular file that was read whole. */
export interface SmallFile {
  readonly kind: 'small';
  readonly mode: number;
  readonly user: number;
  /** As the file had it when it was opened, in bytes. */
  readonly size: number;
  /** Bytes that lie at the start of the room now; another number than `size` when the file changed meanwhile. */
  readonly length: number;
}

/** A file too large for the room, or not a regular one: open, for the caller to read and close. */
export interface OpenFile {
  readonly kind: 'open';
  readonly descriptor: number;
  readonly status: FileStatus;
}

/**
 * Opens `name` in `directory` for reading (no symlink is followed, no FIFO waited for) and reads it whole into `room`
 * if it is a regular file smaller than that.
 */
export function readFileAt(directory: number, name: Name, room: Uint8Array): SmallFile | OpenFile {
  const length = addon.readFileAt(directory, name, room);
  const descriptor = addon.registers[descriptorRegister] as number;
  if (length < 0) return { kind: 'open', descriptor, status: statusInRegisters() };
  const mode = addon.registers[modeRegister] as number;
  const size = addon.registers[sizeRegister] as number;
  const user = addon.registers[userRegister] as number;
  return { kind: 'small', mode, user, size, length };
}

/** A file to make: `mode` is exact whatever the umask; `seconds` is its time of modification, the present if absent. */
export interface NewFile {
  readonly mode: number;
  readonly contents: Uint8Array;
  readonly seconds?: number;
}

/** Makes a file with its contents. Fails with EEXIST where anything of that name is, a dangling symlink too. */
export function makeFileAt(directory: number, name: Name, file: NewFile): void {
  addon.makeFileAt(directory, name, file.mode, file.contents, file.seconds ?? -1);
}

/** Reads from an open file until `room` is full or the file ends. Gives the number of bytes. */
export function read(descriptor: number, room: Uint8Array): number {
  return addon.read(descriptor, room);
}

/** Writes all of `contents` to an open file. */
export function write(descriptor: number, contents: Uint8Array): void {
  addon.write(descriptor, contents);
}
