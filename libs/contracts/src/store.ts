/**
 * The store contract: everything that reads or changes the store directory and its database goes through it. Calls take
 * lists: a graph of 10,000 derivations costs a handful of round trips. Leases and prepared builds belong to the channel
 * that made them, and go when it goes.
 */
import { contract, method, streamingMethod } from './contract.ts';
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
import { buildMode, narHash, output, outputName, pathInfo, storePath, storePaths, ticket, time } from './vocabulary.ts';

const nothing = record({});

/** What may befall every call that writes. */
const writing = ['disk-full', 'read-only-store', 'storage-failed'] as const;

/** What a derivation is refused for, by whatever way it comes in. */
const derivationFaults = [
  'invalid-derivation',
  'unsupported-derivation',
  'incorrect-output-path',
  'incorrect-output-variable',
] as const;
const paths = record({ paths: storePaths });

/** A text to add: its store path follows from name, contents and references. A name in `.drv` must be a derivation. */
export const textItem = record({ name: text({ maxLength: 211 }), contents: bytes(), references: storePaths });

/** A derivation in the store: its bytes, or nil when the path is not valid, and which of its outputs are. */
export const storedDerivation = record({
  path: storePath,
  contents: nullable(bytes()),
  validOutputs: list(outputName),
});

/** What became of a build that the scheduler wants to do. */
export const preparation = union('status', {
  /** All outputs have become valid meanwhile: nothing to build. */
  valid: {},
  /** Another program (a guix-daemon) holds the lock of an output. Ask again later. */
  locked: { path: storePath },
  /** An input is not valid: the plan is out of date. */
  'missing-input': { path: storePath },
  /** The outputs are locked and a staging directory is ready; `registerOutputs` or `abandonBuild` ends it. */
  prepared: {
    build: integer({ about: 'names this build on this channel' }),
    /** Absolute; owned by the store, mode 0700, on the file system of the store. The root of the sandbox goes in it. */
    directory: bytes(),
    contents: bytes({ about: 'the derivation' }),
    inputs: storePaths,
    /** What the build has to make: in mode `check` the valid outputs, in `repair` those that are missing or corrupt. */
    missing: list(output),
    valid: list(output),
    /**
     * The outputs that must be made somewhere else, since something valid lies at their path and the build has no root of
     * its own: wherever the derivation says the hash part of `path`, the build must see that of `scratch`.
     */
    redirected: list(record({ name: outputName, path: storePath, scratch: storePath })),
  },
});

/** An output that was made twice, and not the same. */
export const difference = record({
  output,
  /**
   * Where the other version was kept, if it was asked for: the path of the output with `-check` behind it. Of two rounds
   * it is the earlier; the later is then left at the path of the output, not registered.
   */
  kept: optional(storePath),
  /** Files that differ or are on one side only, relative to the output (empty: itself); at most 100, sorted. */
  files: list(bytes()),
});

/** Where the builder left an output, and what became of it. */
export const registration = union('status', {
  registered: { infos: list(pathInfo) },
  /** Mode `check`: all outputs are the same as those that are valid. */
  same: {},
  /**
   * Another round has to follow; this one was the first, or made the same as the one before. Nothing is registered, and
   * the build goes on: its locks are held, its number and staging directory stay, and the directory is empty again.
   */
  'round-done': {},
  /** The outputs are not acceptable: none was registered. `code` is one of the words below, `facts` say the rest. */
  rejected: {
    code: literal(
      'output-missing',
      'suspicious-ownership',
      'unsupported-file-type',
      'not-a-regular-file',
      'hash-mismatch',
      'reference-not-allowed',
      'invalid-reference-specifier',
      'output-cycle',
      'not-deterministic',
    ),
    message: text(),
    output: optional(output),
    /** `not-deterministic`: each output that differs, in the order of their names. */
    differences: optional(list(difference)),
    expected: optional(text()),
    actual: optional(text()),
    reference: optional(storePath),
    file: optional(bytes()),
  },
});

/** An output of a build that failed, with `--cache-failures`. */
export const failedPath = record({
  path: storePath,
  time,
  cause: text({ about: 'empty when another program wrote it' }),
});

/** Something that keeps a path, and what it is: the name of a link, of a file in /proc, or of a lease. */
export const root = record({
  name: bytes(),
  path: storePath,
  kind: literal('link', 'profile', 'indirect', 'lease', 'process'),
});

export const storeContract = contract({
  name: 'store',
  version: 1,
  about: 'Holds the store items and what is known of them.',
  methods: {
    queryPathInfos: method({
      about: 'Tell what is known of each path; nil for those that are not valid. In the order asked.',
      params: paths,
      result: record({ infos: list(nullable(pathInfo)) }),
    }),
    queryValidPaths: method({
      about: 'Tell which of these paths are valid.',
      params: paths,
      result: paths,
    }),
    queryAllValidPaths: streamingMethod({
      about: 'Stream every valid path, sorted.',
      params: nothing,
      item: paths,
      result: nothing,
    }),
    queryReferrers: method({
      about: 'Tell which valid paths refer to each path. In the order asked.',
      params: paths,
      result: record({ referrers: list(storePaths) }),
    }),
    queryDerivers: method({
      about: 'Tell the valid derivations that have each path as an output. In the order asked.',
      params: paths,
      result: record({ derivers: list(storePaths) }),
    }),
    queryClosure: method({
      about: 'Tell everything reachable from these paths, themselves included, references before referrers.',
      params: record({
        paths: storePaths,
        direction: optional(literal('references', 'referrers')),
        /** Also follow derivations to those of their outputs that are valid. */
        includeOutputs: optional(boolean()),
      }),
      result: paths,
      errors: ['path-not-valid'],
    }),
    queryPathFromHashPart: method({
      about: 'Find the valid path with this hash part.',
      params: record({ hashPart: text({ pattern: /^[0-9a-df-np-sv-z]{32}$/, maxLength: 32 }) }),
      result: record({ path: nullable(storePath) }),
    }),
    queryDerivations: method({
      about: 'Give the bytes of derivations and which of their outputs are valid. In the order asked.',
      params: paths,
      result: record({ derivations: list(storedDerivation) }),
    }),

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

    openChannel: streamingMethod({
      about:
        'Serve this contract through a ticket as well, until the connection ends: a channel of its own, whose leases and builds end with it. For one who acts for several others.',
      params: nothing,
      item: ticket,
      result: nothing,
    }),

    signNarinfos: method({
      about:
        'Give what a cache says of each path, signed by the keys of the store: a narinfo without the places of the archive; nil for those that are not valid. In the order asked.',
      params: paths,
      result: record({ narinfos: list(nullable(bytes())) }),
      errors: ['no-signing-key', 'invalid-key', 'storage-failed'],
    }),

    addLeases: method({
      about: 'Keep these paths, valid or not, from collection until this channel ends.',
      params: paths,
      result: nothing,
    }),

    releaseLeases: method({
      about: 'Give up every lease of this channel. What is being built keeps what it needs.',
      params: nothing,
      result: nothing,
    }),

    prepareBuild: method({
      about:
        'Lock the outputs of a valid derivation, compute the closure of its inputs, and make a staging directory. A build of this channel that has another round to come is given again.',
      params: record({
        derivation: storePath,
        mode: buildMode,
        /** The builder will write to the store directory itself, not to a root of its own. */
        inPlace: optional(boolean()),
      }),
      result: preparation,
      errors: ['path-not-valid', ...derivationFaults, ...writing],
    }),
    registerOutputs: method({
      about: 'Take the outputs from where the builder left them: check, canonicalise, scan, hash, move, register all.',
      params: record({
        build: integer(),
        /** The root that the builder saw, relative to the staging directory; absent when it wrote to the store itself. */
        root: optional(bytes()),
        /** The user who must own all of it; absent when builds run as the store's own user. */
        owner: optional(integer()),
        /** More rounds of the same build are to come: compare, and register nothing. */
        moreRounds: optional(boolean()),
        /** Keep outputs that differ, with `-check` behind their path. */
        keepDiffering: optional(boolean()),
      }),
      result: registration,
      errors: ['unknown-build', ...derivationFaults, ...writing],
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
    checkContents: method({
      about: 'Hash these valid paths and tell which of them are not (or no longer) what was registered.',
      params: paths,
      result: record({ corrupt: storePaths }),
      errors: ['path-not-valid', 'storage-failed'],
    }),

    queryDerivationOutputs: method({
      about: 'Tell the outputs of each derivation as the database has them; none for what is no valid derivation.',
      params: paths,
      result: record({ outputs: list(list(output)) }),
    }),
    queryFailedPaths: method({
      about: 'Tell which paths are known as outputs of failed builds, and what for. Without `paths`: all of them.',
      params: record({ paths: optional(storePaths) }),
      result: record({ failures: list(failedPath) }),
    }),
    addFailedPaths: method({
      about: 'Remember these outputs of a build that failed for a reason that will not go away.',
      params: record({ failures: list(record({ path: storePath, cause: text({ maxLength: 4096 }) })) }),
      result: nothing,
      errors: [...writing],
    }),
    clearFailedPaths: method({
      about: 'Forget that the builds of these paths failed. Without `paths`: all.',
      params: record({ paths: optional(storePaths) }),
      result: nothing,
      errors: [...writing],
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

    abandonBuild: method({
      about: 'Give up a prepared build: remove its staging directory and unlock its outputs.',
      params: record({ build: integer() }),
      result: nothing,
      errors: ['unknown-build'],
    }),
  },
});

export type TextItem = Static<typeof textItem>;
export type StoredDerivation = Static<typeof storedDerivation>;
export type Preparation = Static<typeof preparation>;
export type Registration = Static<typeof registration>;
export type Difference = Static<typeof difference>;
export type FailedPath = Static<typeof failedPath>;
export type Root = Static<typeof root>;
