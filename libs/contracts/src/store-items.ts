/** Calls by which items come into the store and leave it, and the keys that vouch for them. */
import { method, streamingMethod } from './contract.ts';
import {
  boolean,
  bytes,
  integer,
  list,
  literal,
  nullable,
  optional,
  record,
  type Static,
  text,
  union,
} from './schema.ts';
import { derivationFaults, writing } from './store-faults.ts';
import { smallArchive } from './substitute.ts';
import { narHash, nothing, pathInfo, paths, storePath, storePaths, ticket } from './vocabulary.ts';

/** A text to add: its store path follows from name, contents and references. A name in `.drv` must be a derivation. */
export const textItem = record({ name: text({ maxLength: 211 }), contents: bytes(), references: storePaths });

/** How it went with one of several substitutes. `code` is one that `importSubstitute` may answer with. */
export const smallSubstituteEnd = union('status', {
  registered: { info: pathInfo },
  refused: {
    path: storePath,
    code: text({ maxLength: 64 }),
    message: text(),
    expected: optional(narHash),
    actual: optional(narHash),
  },
});

export const storeItems = {
  addTexts: method({
    about:
      'Add texts, in order (references first), and lease them to the channel. Of a list with a bad text none is added, unless the list is longer than 1,000.',
    params: record({ texts: list(textItem) }),
    result: paths,
    errors: ['invalid-store-name', 'invalid-store-path', 'path-not-valid', ...derivationFaults, ...writing],
  }),
  addTree: streamingMethod({
    about:
      'Take in a tree as a NAR through a ticket, under the path that its contents and the method give; lease it to the channel.',
    params: record({
      name: text({ maxLength: 211 }),
      recursive: boolean({ about: 'hash the NAR; else the contents of the one regular file in it' }),
      hashAlgorithm: text({ maxLength: 16 }),
      references: optional(storePaths),
    }),
    item: ticket,
    result: record({ info: pathInfo }),
    errors: [
      'invalid-store-name',
      'invalid-store-path',
      'invalid-hash',
      'invalid-fixed-output',
      'invalid-nar',
      'not-a-regular-file',
      'path-not-valid',
      ...derivationFaults,
      ...writing,
    ],
  }),
  dumpPath: streamingMethod({
    about: 'Give the NAR of a valid path through a ticket. What differs from the hash registered is cut off.',
    params: record({ path: storePath }),
    item: ticket,
    result: record({ narHash, narSize: integer() }),
    errors: ['path-not-valid', 'path-corrupt', 'storage-failed'],
  }),
  exportPaths: streamingMethod({
    about: 'Give these valid paths through a ticket, in the format of `nix-store --export`, in the order asked.',
    params: record({
      paths: storePaths,
      /** With a signature of the store's key behind each, as `guix archive --export` has it. */
      sign: optional(boolean()),
    }),
    item: ticket,
    result: nothing,
    errors: ['path-not-valid', 'path-corrupt', 'no-signing-key', 'invalid-key', 'storage-failed'],
  }),
  importPaths: streamingMethod({
    about:
      'Take in an export stream through a ticket; each path is registered when it is whole, and leased to the channel.',
    params: record({
      /** Only for the owner of the store. Signatures that are there are checked against the list of authorised keys. */
      allowUnsigned: boolean(),
    }),
    item: ticket,
    result: paths,
    errors: [
      'invalid-nar',
      'invalid-export',
      'path-not-valid',
      'unsigned-import',
      'unauthorized-import',
      'invalid-access-list',
      ...derivationFaults,
      ...writing,
    ],
  }),
  importSubstitute: streamingMethod({
    about:
      'Take in what a cache serves for a path, through a ticket: only what the narinfo says, and only with an authorised signature. An item that is valid already is replaced in mode `repair` only.',
    params: record({
      path: storePath,
      narinfo: bytes({ maxLength: 1024 * 1024 }),
      mode: literal('normal', 'repair'),
    }),
    item: ticket,
    result: record({ info: pathInfo }),
    errors: [
      'invalid-narinfo',
      'unauthorized-substitute',
      'invalid-access-list',
      'hash-mismatch',
      'invalid-nar',
      'path-not-valid',
      ...writing,
    ],
  }),
  importSmallSubstitutes: streamingMethod({
    about:
      'Take in substitutes whose archives are at hand, each as `importSubstitute` would in mode `normal`; those that are found good are registered together. Tells of each how it went, as soon as that is sure.',
    params: record({
      substitutes: list(
        record({
          path: storePath,
          narinfo: bytes({ maxLength: 1024 * 1024 }),
          archive: bytes({ maxLength: smallArchive }),
        }),
        { maxLength: 1000 },
      ),
    }),
    item: smallSubstituteEnd,
    result: nothing,
    errors: ['invalid-access-list', ...writing],
  }),
  signNarinfos: method({
    about:
      'Give what a cache says of each path, signed by the keys of the store: a narinfo without the places of the archive; nil for those that are not valid. In the order asked.',
    params: paths,
    result: record({ narinfos: list(nullable(bytes())) }),
    errors: ['no-signing-key', 'invalid-key', 'storage-failed'],
  }),
};

export type SmallSubstituteEnd = Static<typeof smallSubstituteEnd>;
export type TextItem = Static<typeof textItem>;
