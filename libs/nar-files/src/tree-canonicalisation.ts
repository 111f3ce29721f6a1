/**
 * Takes from a tree what a store item must not have: other owners, permissions beyond read and execute, set-user-ID
 * bits, extended attributes and ACLs, times. (`canonicalisePathMetaData` of the reference, whose rule on ownership is
 * kept.)
 *
 * Everything is done on a handle of the very file that was checked, so that an exchange of names leads nowhere else.
 */
import type { ByteString } from '@cooper/byte-string';
import {
  type FileStatus,
  type FileType,
  fchmod,
  fchownat,
  listxattrat,
  removexattrat,
  utimensat,
} from '@cooper/system-calls';
import { DirectoryStack } from './directory-stack.ts';
import { explain, suspiciousOwnership, unsupportedType } from './failure.ts';
import { InodeSet } from './inode-set.ts';
import { Anchor, type TreeLocation } from './location.ts';
import { finish } from './steps.ts';
import { TreeVisit } from './tree-visit.ts';

/** The time of modification of everything in a store, in seconds since 1970. */
const canonicalSeconds = 1;

const supportedTypes: ReadonlySet<FileType> = new Set(['regular', 'directory', 'symlink']);

/** Attributes that belong to the system, not to the file, and that cannot or need not go. */
const systemAttributes: ReadonlySet<string> = new Set(['security.selinux', 'system.nfs4_acl', 'security.csm']);

export interface CanonicalisationOptions {
  /**
   * Who must own everything. A file of another owner, such as a hard link to /etc/shadow, is refused, unless it was
   * canonicalised before (hard links between outputs). Absent: not checked.
   */
  readonly ownerUid?: number;
  /** Files with several names that were canonicalised already: one set for all outputs of a build. */
  readonly seen?: InodeSet;
}

/**
 * Canonicalises step by step. Throws the faults `unsupported-file-type`, `suspicious-ownership`, `mount-in-tree` and
 * `file-system-error`; the tree is then partly canonical and must not be used.
 */
export function* treeCanonicalisation(
  location: TreeLocation,
  options: CanonicalisationOptions = {},
): Generator<void, void, void> {
  using anchor = new Anchor(location);
  using stack = new DirectoryStack(anchor);
  yield* new TreeCanonicalisation(stack, options).run(anchor.name);
}

/** All steps of `treeCanonicalisation` at once. */
export function canonicaliseTree(location: TreeLocation, options: CanonicalisationOptions = {}): void {
  finish(treeCanonicalisation(location, options));
}

class TreeCanonicalisation {
  readonly #stack: DirectoryStack;
  readonly #ownerUid: number | undefined;
  readonly #seen: InodeSet;
  readonly #visit: TreeVisit;
  readonly #owner = { user: process.geteuid?.() ?? -1, group: process.getegid?.() ?? -1 };

  constructor(stack: DirectoryStack, options: CanonicalisationOptions) {
    this.#stack = stack;
    this.#ownerUid = options.ownerUid;
    this.#seen = options.seen ?? new InodeSet();
    this.#visit = new TreeVisit(stack, (name, handle, status) => {
      if (!this.#check(name, status)) return false;
      this.#canonicalise(handle, status);
      return true;
    });
  }

  *run(top: ByteString): Generator<void, void, void> {
    try {
      this.#visit.visit(top);
      yield* this.#visit.rest();
    } catch (error) {
      throw explain(error, 'cannot canonicalise', this.#visit.place);
    }
  }

  /** Refuses what must not be in a tree. False for a file that was made canonical under another name. */
  #check(name: ByteString, status: FileStatus): boolean {
    if (!supportedTypes.has(status.type)) throw unsupportedType(this.#stack.pathOf(name), status.type);
    if (this.#ownerUid !== undefined && status.user !== this.#ownerUid) {
      if (status.type !== 'directory' && this.#seen.has(status)) return false;
      throw suspiciousOwnership(this.#stack.pathOf(name), status.user, this.#ownerUid);
    }
    if (status.type !== 'directory' && status.links > 1) this.#seen.add(status);
    return true;
  }

  /** The owner first: whoever made the file must not be able to change again what comes after. */
  #canonicalise(handle: number, status: FileStatus): void {
    if (status.user !== this.#owner.user || status.group !== this.#owner.group) fchownat(handle, '', this.#owner);
    const isStripped = stripAttributes(handle, status);
    const mode = canonicalMode(status);
    if (mode !== undefined && (isStripped || (status.mode & 0o7777) !== mode)) fchmod(handle, mode);
    if (status.seconds !== canonicalSeconds || status.nanoseconds !== 0) utimensat(handle, '', canonicalSeconds);
  }
}

/** The permissions of a store item; symlinks have none. */
function canonicalMode({ type, mode }: FileStatus): number | undefined {
  if (type === 'symlink') return undefined;
  return type === 'directory' || (mode & 0o100) !== 0 ? 0o555 : 0o444;
}

/** Removes extended attributes, ACLs among them. True where there were any. */
function stripAttributes(handle: number, status: FileStatus): boolean {
  const attributes = listxattrat(handle, '').filter((attribute) => !systemAttributes.has(attribute));
  if (attributes.length === 0) return false;
  // Those of users can be removed only where the file may be written.
  if (status.type !== 'symlink') fchmod(handle, 0o700);
  for (const attribute of attributes) removexattrat(handle, '', attribute);
  return true;
}
