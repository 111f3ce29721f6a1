/** Calls about builds: what they need prepared, what becomes of what they make, and which are known to fail. */
import { method, streamingMethod } from './contract.ts';
import { boolean, bytes, integer, list, literal, optional, record, type Static, text, union } from './schema.ts';
import { derivationFaults, writing } from './store-faults.ts';
import {
  buildMode,
  nothing,
  output,
  outputName,
  pathInfo,
  paths,
  storePath,
  storePaths,
  ticket,
  time,
} from './vocabulary.ts';

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
      'invalid-output-check',
      'output-too-large',
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

export const storeBuilds = {
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
      /** Instead of `root`: what the builder saw as the store directory, relative to the staging directory. */
      storeDirectory: optional(bytes()),
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
  deliverOutputs: streamingMethod({
    about:
      'Take outputs of a build that is prepared, on whatever channel, through a ticket: an export stream in which authorised keys have signed all. `registerOutputs` judges them then like those of a builder, below the `storeDirectory` of the answer.',
    params: record({ derivation: storePath }),
    item: ticket,
    result: record({
      /** For the outcome of the build: below its staging directory. */
      storeDirectory: bytes(),
      paths: storePaths,
    }),
    errors: [
      'unknown-build',
      'unwanted-output',
      'invalid-nar',
      'invalid-export',
      'unsigned-import',
      'unauthorized-import',
      'invalid-access-list',
      ...writing,
    ],
  }),
  abandonBuild: method({
    about: 'Give up a prepared build: remove its staging directory and unlock its outputs.',
    params: record({ build: integer() }),
    result: nothing,
    errors: ['unknown-build'],
  }),
  checkContents: method({
    about: 'Hash these valid paths and tell which of them are not (or no longer) what was registered.',
    params: paths,
    result: record({ corrupt: storePaths }),
    errors: ['path-not-valid', 'storage-failed'],
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
};

export type Preparation = Static<typeof preparation>;
export type Difference = Static<typeof difference>;
export type Registration = Static<typeof registration>;
export type FailedPath = Static<typeof failedPath>;
