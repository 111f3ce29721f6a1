/**
 * Where a tree lies: a path, or a name in a directory that is open already. Every operation on trees starts from the
 * directory above, so that no name is looked up twice and nothing that is exchanged meanwhile leads elsewhere.
 */
import { type ByteString, fromBytes, fromText, toText } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import { AT_FDCWD, close, O_DIRECTORY, O_PATH, openPath } from '@cooper/system-calls';
import { explain } from './failure.ts';

/** A path as text or as bytes (its last part is not followed where it is a symlink), or a name in an open directory. */
export type TreeLocation = string | Uint8Array | { readonly directory: number; readonly name: ByteString };

/** The directory above a tree, held open, and the name of the tree in it. */
export class Anchor implements Disposable {
  readonly directory: number;
  readonly name: ByteString;
  /** The location for people. */
  readonly text: string;
  readonly #isOwned: boolean;

  constructor(location: TreeLocation) {
    if (typeof location === 'object' && 'directory' in location) {
      this.directory = location.directory;
      this.name = location.name;
      this.text = toText(location.name);
      this.#isOwned = false;
      return;
    }
    const path = typeof location === 'string' ? fromText(location) : fromBytes(location);
    const parts = /^(.*?)([^/]+)\/*$/s.exec(path);
    this.text = toText(path);
    if (parts === null || parts[2] === '.' || parts[2] === '..')
      throw new Fault('invalid-tree-location', `${this.text} does not name an entry of a directory`, {
        path: this.text,
      });
    this.name = parts[2] as ByteString;
    this.directory = parts[1] === '' ? AT_FDCWD : openDirectory(parts[1] as ByteString);
    this.#isOwned = parts[1] !== '';
  }

  [Symbol.dispose](): void {
    if (this.#isOwned) close(this.directory);
  }
}

function openDirectory(path: ByteString): number {
  try {
    return openPath(path, O_PATH | O_DIRECTORY);
  } catch (error) {
    throw explain(error, 'cannot open', toText(path));
  }
}
