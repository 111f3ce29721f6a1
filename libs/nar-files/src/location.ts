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
      this.text = toText(location.name);
      this.name = checkName(location.name, this.text);
      this.directory = location.directory;
      this.#isOwned = false;
    } else {
      const path = typeof location === 'string' ? fromText(location) : fromBytes(location);
      this.text = toText(path);
      const { parent, name } = split(path);
      this.name = checkName(name, this.text);
      this.directory = parent === '' ? AT_FDCWD : openDirectory(parent);
      this.#isOwned = parent !== '';
    }
  }

  [Symbol.dispose](): void {
    if (this.#isOwned) close(this.directory);
  }
}

/** The last part of a path, slashes after it left out, and what stands before it. */
function split(path: ByteString): { readonly parent: ByteString; readonly name: ByteString } {
  let end = path.length;
  while (path[end - 1] === '/') end--;
  const start = path.lastIndexOf('/', end - 1) + 1;
  return { parent: path.slice(0, start) as ByteString, name: path.slice(start, end) as ByteString };
}

function checkName(name: ByteString, path: string): ByteString {
  if (name !== '' && name !== '.' && name !== '..' && !name.includes('/')) return name;
  throw new Fault('invalid-tree-location', `${path} does not name an entry of a directory`, { path });
}

function openDirectory(path: ByteString): number {
  try {
    return openPath(path, O_PATH | O_DIRECTORY);
  } catch (error) {
    throw explain(error, 'cannot open', toText(path));
  }
}
