/** Calls about the long life of a store: what is kept, what is deleted, whether all is well. */
import { method, streamingMethod } from './contract.ts';
import { boolean, bytes, integer, list, literal, optional, record, type Static, text, union } from './schema.ts';
import { writing } from './store-faults.ts';
import { narHash, nothing, storePath, storePaths, ticket } from './vocabulary.ts';

/** Something that keeps a path, and what it is: the name of a link, of a file in /proc, or of a lease. */
export const root = record({
  name: bytes(),
  path: storePath,
  kind: literal('link', 'profile', 'indirect', 'lease', 'process'),
});

const leaseGroup = integer({ about: 'picked by the caller; a group is there as long as it has leases' });

export const storeUpkeep = {
  addLeases: method({
    about: 'Keep these paths, valid or not, from collection until this channel ends, or gives them up.',
    params: record({
      paths: storePaths,
      /** Keep what the derivations among them make, too: from before it is made. */
      outputs: optional(boolean()),
      group: optional(leaseGroup),
    }),
    result: nothing,
  }),
  releaseLeases: method({
    about:
      'Give up the leases of this channel that are in no group, whatever call took them, and those in these groups. What is being built keeps what it needs.',
    params: record({ groups: optional(list(leaseGroup)) }),
    result: nothing,
  }),
  openChannel: streamingMethod({
    about:
      'Serve this contract through a ticket as well, until the connection ends: a channel of its own, whose leases and builds end with it. For one who acts for several others.',
    params: nothing,
    item: ticket,
    result: nothing,
  }),
  addUserProfile: method({
    about: 'Make the directory in which the profiles of a user are, owned by the user, where there is none.',
    params: record({ name: text({ pattern: /^[^/\0]+$/, maxLength: 255 }), uid: integer({ maximum: 2 ** 32 - 2 }) }),
    result: nothing,
    errors: ['invalid-root', ...writing],
  }),
  addIndirectRoot: method({
    about: 'Keep what the symbolic link `file` (absolute) points to from collection, for as long as it does.',
    params: record({ file: bytes({ maxLength: 4096 }) }),
    result: nothing,
    errors: ['invalid-root', ...writing],
  }),
  findRoots: method({
    about: 'Tell every root and the path that it keeps: links, profiles, leases, and programs that run.',
    params: nothing,
    result: record({ roots: list(root) }),
    errors: ['storage-failed'],
  }),
  collectGarbage: streamingMethod({
    about: 'Tell what is live or dead, or delete what is dead. Beside everything else that goes on.',
    params: record({
      action: literal('live', 'dead', 'delete-dead', 'delete-specific'),
      /** Only for `delete-specific`. One that is live fails the call before anything is deleted. */
      paths: optional(storePaths),
      /** Stop once so many bytes have been freed. */
      maxFreed: optional(integer()),
      keepOutputs: optional(boolean()),
      keepDerivations: optional(boolean()),
    }),
    item: record({ paths: storePaths, bytesFreed: integer({ about: 'so far' }) }),
    result: record({ bytesFreed: integer() }),
    errors: ['path-is-live', 'path-not-valid', ...writing],
  }),
  verify: streamingMethod({
    about: 'Hold the database against the disk, and the contents of every item against its hash if asked.',
    params: record({ contents: boolean() }),
    item: union('event', {
      /** Registered and not there: its row is removed, unless others refer to it. */
      missing: { path: storePath, removed: boolean() },
      corrupt: { path: storePath, expected: narHash, actual: narHash },
      unreadable: { path: storePath, message: text() },
      progress: { checked: integer(), total: integer() },
    }),
    result: record({ checked: integer(), missing: integer(), corrupt: integer() }),
    errors: [...writing],
  }),
  optimise: streamingMethod({
    about: 'Make equal files of the store one file, by hard links in `.links`.',
    params: nothing,
    item: record({ checked: integer({ about: 'items' }), total: integer(), bytesFreed: integer() }),
    result: record({ filesLinked: integer(), bytesFreed: integer() }),
    errors: [...writing],
  }),
  vacuum: method({
    about: 'Check the database and make its file as small as can be.',
    params: nothing,
    result: record({ before: integer({ about: 'bytes' }), after: integer({ about: 'bytes' }) }),
    errors: ['database-corrupt', ...writing],
  }),
};

export type Root = Static<typeof root>;
