/**
 * Gives what is in a directory from one user to another, never to root. What was put there to trick whoever does that stays
 * as it is: links are changed themselves, not what they point to; nothing but directories is opened; files that are not the
 * first user's are left alone; bits that would let others act as the second go first.
 */
import type { ByteString } from '@cooper/byte-string';
import { type FileStatus, fchmod, fchownat } from '@cooper/system-calls';
import { DirectoryStack } from './directory-stack.ts';
import { explain } from './failure.ts';
import { Anchor, type TreeLocation } from './location.ts';
import { TreeVisit } from './tree-visit.ts';

export interface HandOver {
  /** The owner of what is given; absent: whoever. */
  readonly from: number | undefined;
  readonly uid: number;
  /** 0 leaves the group. */
  readonly gid: number;
}

/** Permissions without the bits that change who a program runs as. */
const harmless = 0o0777;

/**
 * Gives over what is in the directory at `location`, step by step, at any depth. Nobody but us may be able to enter it
 * meanwhile. Throws the faults `mount-in-tree`, `tree-changed` and `file-system-error`.
 */
export function* treeHandOver(location: TreeLocation, to: HandOver): Generator<void, void, void> {
  using anchor = new Anchor(location);
  using stack = new DirectoryStack(anchor);
  yield* new TreeHandOver(stack, to).run(anchor.name);
}

class TreeHandOver {
  readonly #visit: TreeVisit;
  readonly #from: number | undefined;
  readonly #owner: { readonly user: number; readonly group: number };

  constructor(stack: DirectoryStack, { from, uid, gid }: HandOver) {
    this.#visit = new TreeVisit(stack, (_name, handle, status) => this.#give(handle, status));
    this.#from = from;
    this.#owner = { user: uid, group: gid === 0 ? -1 : gid };
  }

  *run(top: ByteString): Generator<void, void, void> {
    try {
      this.#visit.enter(top);
      yield* this.#visit.rest();
    } catch (error) {
      throw explain(error, 'cannot give away', this.#visit.place);
    }
  }

  /** False for what is not the first user's. */
  #give(handle: number, { type, mode, user }: FileStatus): boolean {
    if (this.#from !== undefined && user !== this.#from) return false;
    if (type !== 'symlink' && (mode & ~harmless & 0o7777) !== 0) fchmod(handle, mode & harmless);
    fchownat(handle, '', this.#owner);
    return true;
  }
}
