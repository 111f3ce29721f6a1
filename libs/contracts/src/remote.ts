/**
 * The remote contract: what one Cooper asks of another on a machine that builds for it. It is spoken over the one stream
 * that a remote shell gives, so this is the contract in which archives travel in messages: in pieces, behind one another,
 * and only between the two who send and keep them. Nothing waits for an answer that it does not need: imports are begun
 * under numbers that the caller picks, and a build names those that it needs. Neither side believes the other: what
 * comes in must be signed by a key that the store authorises, in both directions.
 */
import { buildEvents, limits, outcome } from './build-agent.ts';
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
import { writing } from './store-faults.ts';
import { nothing, outputName, paths, storePath, storePaths } from './vocabulary.ts';

/** The longest piece of an archive, in bytes. */
export const longestPiece = 256 * 1024;

/** A piece of an export stream (the format of `nix-store --export`), compressed or not. */
const piece = bytes({ maxLength: longestPiece });

/** How a whole export stream is compressed. */
export const transferCompression = literal('none', 'zstd');

const exporting = ['path-not-valid', 'path-corrupt', 'no-signing-key', 'invalid-key', 'storage-failed'];

/** What a machine is. */
export const remoteMachine = record({
  /** The store directory, which must be that of the caller. */
  storeDir: bytes(),
  /** Of the program there, for people. */
  version: text({ maxLength: 256 }),
  /** Such as `x86_64-linux`, the own one first. */
  systems: list(text({ maxLength: 256 })),
  /** What it has for `requiredSystemFeatures`; nil: everything. */
  features: nullable(list(text({ maxLength: 256 }))),
  cores: integer(),
  /** The public key by which its outputs are signed, as an s-expression; nil where it has none. */
  signingKey: nullable(bytes({ maxLength: 64 * 1024 })),
});

/** How a machine fares. Nil: it cannot tell. */
export const remoteStatus = record({
  /** Processes that run or want to, on average over a minute, in hundredths. */
  load: integer(),
  /** Share of the last 10 s in which some process waited for it, in hundredths of a percent. */
  pressure: nullable(record({ processor: integer(), memory: integer(), disk: integer() })),
  freeMemory: integer({ about: 'bytes' }),
  /** On the file system of the store, and on that of the directories of builds. */
  freeStore: integer({ about: 'bytes' }),
  freeTemporary: integer({ about: 'bytes' }),
  /** Builds that run there, for whomever, and how many may. */
  builds: integer(),
  maxBuilds: integer(),
});

/** What a build tells on its way. After `outputs` come the pieces of the outputs, in one export stream. */
export const remoteEvent = union('event', {
  ...buildEvents,
  /** The build has succeeded; the archives of these paths follow, references first. `size` is that of the NARs. */
  outputs: { paths: storePaths, size: integer({ about: 'bytes' }), compression: transferCompression },
  piece: { data: piece },
});

export const remoteContract = contract({
  name: 'remote',
  version: 1,
  about: 'Builds for another machine.',
  methods: {
    describe: method({ about: 'Tell what this machine is.', params: nothing, result: remoteMachine }),
    watchStatus: streamingMethod({
      about: 'Tell how this machine fares, now and every `period`, until the call is cancelled.',
      params: record({ period: integer({ minimum: 100, maximum: 3_600_000, about: 'milliseconds' }) }),
      item: remoteStatus,
      result: nothing,
    }),
    queryMissing: method({
      about: 'Tell which of these paths are not valid here; those that are, are leased to the channel.',
      params: record({
        paths: storePaths,
        /** Fetch from the caches of this machine what is missing, where they have it. */
        substitute: boolean(),
      }),
      result: paths,
      errors: ['invalid-store-path', 'store-failed'],
    }),
    importPiece: method({
      about:
        'Take in a piece of the export stream with this number, which the first piece begins; lease what it brings to the channel. It waits for those imports whose items it refers to. Answers when the piece has been passed on, the last one when all is registered.',
      params: record({
        import: integer({ about: 'picked by the caller, larger than any before on this channel' }),
        data: piece,
        last: boolean(),
        /** Said with the first piece. */
        compression: optional(transferCompression),
        /** Said with the first piece: the imports whose ends this one waits for; all that were begun before, unless said. */
        after: optional(list(integer(), { maxLength: 10_000 })),
      }),
      result: nothing,
      errors: [
        'unknown-import',
        'invalid-nar',
        'invalid-export',
        'path-not-valid',
        'unsigned-import',
        'unauthorized-import',
        'invalid-access-list',
        ...writing,
      ],
    }),
    build: streamingMethod({
      about:
        'Build a derivation that is here or comes with one of these imports, whose ends it waits for. What is missing of its inputs is fetched or built. Cancelling kills it.',
      params: record({
        derivation: storePath,
        imports: list(integer(), { maxLength: 10_000 }),
        /** The outputs that the caller wants to have; the others stay here. */
        outputs: list(outputName),
        limits,
        /** Fetch from the caches of this machine what it can, instead of building it. */
        substitute: boolean(),
        /** How the outputs are to come. */
        compression: transferCompression,
      }),
      item: remoteEvent,
      result: record({ outcome }),
      errors: ['import-failed', 'unknown-import', 'invalid-target', 'store-failed', 'no-build-agent', ...exporting],
    }),
    exportPaths: streamingMethod({
      about: 'Give these valid paths in one export stream, signed, references first: outputs that had stayed here.',
      params: record({ paths: storePaths, compression: transferCompression }),
      item: record({ data: piece }),
      result: nothing,
      errors: exporting,
    }),
  },
});

export type RemoteMachine = Static<typeof remoteMachine>;
export type RemoteStatus = Static<typeof remoteStatus>;
export type RemoteEvent = Static<typeof remoteEvent>;
export type TransferCompression = Static<typeof transferCompression>;
