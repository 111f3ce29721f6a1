/**
 * Names of store items: the part of a store path that people choose.
 *
 * A name has 1 to 211 of the characters `A-Z a-z 0-9 + - . _ ? =` and does not begin with a dot, as in the reference
 * (`checkStoreName`), so that no item is hidden or called `.` or `..`. (Nix 2.8 takes leading dots; the length is its
 * rule: with hash part and hyphen, 11 bytes remain in a file name for suffixes such as `.lock`.)
 */
import { Fault } from '@cooper/fault';

/** The most bytes that a name has. */
export const maxNameLength = 211;

const syntax = /^[A-Za-z0-9+\-_?=][A-Za-z0-9+\-._?=]*$/;

/** Throws a fault `invalid-store-name` where `name` cannot be the name of a store item. */
export function checkStoreName(name: string): void {
  const reason = nameProblem(name);
  if (reason === undefined) return;
  const shown = shorten(name);
  throw new Fault('invalid-store-name', `invalid name \`${shown}': ${reason}`, { name: shown, reason });
}

/** True when `name` can be the name of a store item. */
export function isStoreName(name: string): boolean {
  return name.length <= maxNameLength && syntax.test(name);
}

/** What is wrong with `name`, in words; undefined when nothing is. */
export function nameProblem(name: string): string | undefined {
  if (isStoreName(name)) return undefined;
  if (name === '') return 'it is empty';
  if (name.startsWith('.')) return 'it begins with a dot';
  const character = /[^A-Za-z0-9+\-._?=]/u.exec(name)?.[0];
  if (character !== undefined) return `it contains ${JSON.stringify(character)}`;
  return `it has ${name.length} characters, ${maxNameLength} are the most`;
}

/** `text` as a message can show it: its beginning, where it is long. */
export function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
