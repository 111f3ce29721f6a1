/**
 * The build-agent contract: someone who can do a build. Served by `builder` (this machine) and `offload` (others). A job
 * is a pure value: everything about the build has been decided before it is offered. An agent that builds on the machine
 * of the scheduler says so by the feature `local`: it is asked last, and alone where a job prefers that.
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
import { buildMode, output, storePath, storePaths, time } from './vocabulary.ts';

/** Limits of one build. Seconds and bytes; 0 is no limit. */
export const limits = record({
  timeout: integer({ about: 'seconds; 0: no limit' }),
  maxSilentTime: integer({ about: 'seconds; 0: no limit' }),
  maxLogSize: integer({ about: 'bytes; 0: no limit' }),
});

/** A limit that a build may reach. */
export const buildLimit = literal('timeout', 'max-silent-time', 'max-log-size');

/** A limit to what a build may use of the machine, by the name of its setting there. */
export const machineLimit = literal('max-build-memory', 'max-build-processes');

/** A path of the host that the sandbox shows, read-only, at `target`. */
export const sandboxPath = record({ target: bytes(), source: bytes() });

/** One build, decided. Bytes are bytes: nothing in it is decoded or quoted again. */
export const job = record({
  derivation: storePath,
  /** Why it is built; an agent without `local` is offered `normal` alone, and need not look at it. */
  mode: buildMode,
  /** Such as `x86_64-linux`. */
  system: text({ maxLength: 256 }),
  builder: bytes(),
  /** The arguments after argv[0], which is the base name of `builder`. */
  args: list(bytes()),
  environment: list(record({ name: bytes(), value: bytes() })),
  /** Variables that hold the directory of the build, wherever the agent puts it. They come after `environment`. */
  directoryVariables: list(text()),
  /** Variables that hold the path of one of `files`. */
  fileVariables: optional(list(record({ name: bytes(), file: text({ maxLength: 255 }) }))),
  /** Files that the build finds in its directory. */
  files: list(record({ name: text({ maxLength: 255 }), contents: bytes() })),
  /** The closure of the inputs: what the sandbox shows of the store. */
  inputs: storePaths,
  outputs: list(output),
  /** The staging directory that the store prepared for this build. */
  directory: bytes(),
  /** Whether the builder must see nothing of the machine but what this job names. */
  sandbox: boolean(),
  /** Paths of the machine that a sandbox shows besides, read-only, `source` at `target`. */
  sandboxPaths: list(sandboxPath),
  /** `host` for fixed outputs, which may fetch; `private` (loopback only) for all others. */
  network: literal('private', 'host'),
  /** What the one output of a fixed-output derivation has to be. */
  fixedContents: optional(
    record({ hash: text({ maxLength: 256, about: 'such as sha256:… in base 16' }), recursive: boolean() }),
  ),
  /** Built-in builders say how far a download is, in the lines `@ download-progress …` that Guix's clients read. */
  downloadTrace: optional(boolean()),
  impersonateLinux26: boolean(),
  limits,
  /** How to keep the log; nil loses it. */
  log: nullable(literal('none', 'gzip', 'bzip2', 'zstd')),
  /** Keep the directory of a failed build, for the client with these ids (absent: as it is). */
  keepFailed: boolean(),
  client: optional(record({ uid: integer(), gid: integer() })),
  /** Words that the machine must have, from `requiredSystemFeatures`. */
  features: list(text()),
  preferLocal: boolean(),
});

/** What a build may tell on its way. */
export const buildEvents = {
  /** The builder runs. `process` is its id on this machine, or that of the agent; `logFile` is empty when none is kept. */
  started: {
    process: integer(),
    logFile: bytes(),
    time,
    /** For people: where the agent has it done, if that is not one place. */
    place: optional(text({ maxLength: 256 })),
  },
  log: { data: bytes() },
  /** What the agent says by itself, before or after it accepts: for the client, not for the log. */
  remark: { data: bytes() },
};

/** What happens between acceptance and outcome, in order. */
export const buildEvent = union('event', buildEvents);

const ended = { startTime: time, stopTime: time, logSize: integer() };

/**
 * How an offer ended. An agent may also decline or postpone what it has accepted, when nothing came of that (it has lost the
 * machine, for one): the job is offered again, to it or to others. `succeeded` says only that the
 * builder exited with 0: the store judges the outputs.
 */
export const outcome = union('status', {
  declined: { reason: text() },
  /** Not now. `retryAfter` in milliseconds, if the agent knows; it may also be asked again when anything ends. */
  postponed: { reason: text(), retryAfter: optional(integer()) },
  succeeded: {
    ...ended,
    /** Below the staging directory: the root that the builder saw. Absent when it wrote to the store itself. */
    root: optional(bytes()),
    /** Instead of `root`: below the staging directory, what the builder saw as the store directory. */
    storeDirectory: optional(bytes()),
    /** The user who must own all that was made: the outputs are refused if somebody else does. Absent: anybody may. */
    owner: optional(integer()),
    /**
     * With `keepFailed`, the directory of the build is held until `settle` tells by this number whether the build has
     * failed after all, or the channel ends.
     */
    held: optional(integer()),
  },
  /** The builder ended otherwise: by itself, with `exitCode`, or by `signal`, such as `SIGKILL`. The other is nil. */
  failed: {
    ...ended,
    exitCode: nullable(integer()),
    signal: nullable(text()),
    /** The file system that is (nearly) full, which may be why. */
    fullFileSystem: optional(bytes()),
    /** True when the kernel ran out of memory meanwhile and killed processes, which may be why. */
    outOfMemory: optional(boolean()),
    /** Limits of its machine that the build has met, which may be why. */
    metLimits: optional(list(machineLimit)),
    keptDirectory: optional(bytes()),
  },
  /** A limit was reached, and the build killed. */
  limited: {
    ...ended,
    limit: buildLimit,
    keptDirectory: optional(bytes()),
  },
  /** The agent, not the build, failed at it: such as the loss of another machine. Says nothing about the derivation. */
  'agent-failed': {
    ...ended,
    exitCode: nullable(integer()),
    signal: nullable(text()),
    message: text(),
  },
  /** The build could not be set up: a step of the launcher failed, such as `execute`. The log says so as well. */
  'not-started': { step: text(), error: text(), message: text() },
  'unsupported-system': { system: text(), machine: text() },
  cancelled: { keptDirectory: optional(bytes()) },
});

export const buildAgentContract = contract({
  name: 'build-agent',
  version: 1,
  about: 'Does builds.',
  methods: {
    offer: streamingMethod({
      about:
        'Offer a job. Accepting it streams `started`, then the log; the answer says how it ended. Cancelling kills.',
      params: record({ job }),
      item: buildEvent,
      result: record({ outcome }),
      errors: [
        'no-sandbox',
        'disk-full',
        'file-system-error',
        'no-build-directory',
        'log-failed',
        'launcher-failed',
        'network-helper-failed',
        'unusable-build-users-group',
      ],
    }),
    settle: method({
      about: 'Say of a build whose directory is held whether it has failed: then the directory is kept, else removed.',
      params: record({ held: integer(), failed: boolean() }),
      result: record({ keptDirectory: optional(bytes()) }),
      errors: ['unknown-build'],
    }),
  },
});

export type Limits = Static<typeof limits>;
export type MachineLimit = Static<typeof machineLimit>;
export type SandboxPath = Static<typeof sandboxPath>;
export type Job = Static<typeof job>;
export type BuildEvent = Static<typeof buildEvent>;
export type Outcome = Static<typeof outcome>;
