/** Store paths on the command line: as such, as files below them, or as links to them. */
import { realpathSync } from 'node:fs';
import { isStorePath, type StorePath, toStorePath } from '@cooper/store-path';

/**
 * The store item that `argument` means: its path, the path of a file in it, or the path of a symbolic link that leads
 * into the store. Throws the fault `invalid-store-path`.
 */
export function storeArgument(storeDir: string, argument: string): StorePath {
  if (isStorePath(storeDir, argument)) return argument;
  return toStorePath(storeDir, argument.startsWith(`${storeDir}/`) ? argument : followLinks(argument));
}

/** `DERIVATION`, `DERIVATION!OUTPUT,…` or a store path, with the path as `storeArgument` finds it. */
export function targetArgument(storeDir: string, argument: string): string {
  const mark = argument.lastIndexOf('!');
  if (mark < 0) return storeArgument(storeDir, argument);
  return `${storeArgument(storeDir, argument.slice(0, mark))}${argument.slice(mark)}`;
}

function followLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // What does not exist leads nowhere: the message about the name as it was given is the clearer one.
    return path;
  }
}
