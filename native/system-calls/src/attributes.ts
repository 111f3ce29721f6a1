/**
 * Modes, owners, times and extended attributes. No call follows a symlink; an empty name means the descriptor itself,
 * which may be a mere handle (O_PATH), of a symlink too.
 */
import type { ByteString } from '@cooper/byte-string';
import { addon, type Name } from './addon.ts';

export function fchmod(descriptor: number, mode: number): void {
  addon.fchmod(descriptor, mode);
}

/** -1 keeps the user or group. */
export function fchownat(
  directory: number,
  name: Name,
  owner: { readonly user: number; readonly group: number },
): void {
  addon.fchownat(directory, name, owner.user, owner.group);
}

/** Sets the time of modification, in seconds since 1970; that of access stays. */
export function utimensat(directory: number, name: Name, seconds: number, nanoseconds = 0): void {
  addon.utimensat(directory, name, seconds, nanoseconds);
}

/** The names of the extended attributes of `name`; none on a file system without any. */
export function listxattrat(directory: number, name: Name): ByteString[] {
  const names = addon.listxattrat(directory, name);
  return names === '' ? [] : (names.slice(0, -1).split('\0') as ByteString[]);
}

/** An extended attribute: its name with the namespace (`user.…`), and its value. */
export interface ExtendedAttribute {
  readonly attribute: Name;
  readonly value: Uint8Array;
}

/** Sets an extended attribute, making or replacing it. Goes through /proc. */
export function setxattrat(directory: number, name: Name, { attribute, value }: ExtendedAttribute): void {
  addon.setxattrat(directory, name, attribute, value);
}

export function removexattrat(directory: number, name: Name, attribute: Name): void {
  addon.removexattrat(directory, name, attribute);
}

/** Makes everything written to the file system of this descriptor durable. */
export function syncfs(descriptor: number): void {
  addon.syncfs(descriptor);
}
