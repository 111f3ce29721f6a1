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
import { buildMode, narHash, output, outputName, pathInfo, storePath, storePaths, ticket } from './vocabulary.ts';

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
    missing: list(output),
    valid: list(output),
  },
});

/** Where the builder left an output, and what became of it. */
export const registration = union('status', {
  registered: { infos: list(pathInfo) },
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
    expected: optional(text()),
    actual: optional(text()),
    reference: optional(storePath),
    file: optional(bytes()),
  },
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
      params: paths,
      item: ticket,
      result: nothing,
      errors: ['path-not-valid', 'path-corrupt', 'storage-failed'],
    }),
    importPaths: streamingMethod({
      about:
        'Take in an export stream through a ticket; each path is registered when it is whole, and leased to the channel.',
      params: record({ allowUnsigned: boolean({ about: 'only for the owner of the store' }) }),
      item: ticket,
      result: paths,
      errors: ['invalid-nar', 'invalid-export', 'path-not-valid', 'unsigned-import', ...derivationFaults, ...writing],
    }),

    addLeases: method({
      about: 'Keep these paths, valid or not, from collection until this channel ends.',
      params: paths,
      result: nothing,
    }),

    prepareBuild: method({
      about: 'Lock the outputs of a valid derivation, compute the closure of its inputs, and make a staging directory.',
      params: record({ derivation: storePath, mode: buildMode }),
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
      }),
      result: registration,
      errors: ['unknown-build', ...derivationFaults, ...writing],
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
