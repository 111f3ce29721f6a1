/** What a client of the scheduler sees of its request: events, why something waits, how it ended. */
import { buildLimit, machineLimit } from './build-agent.ts';
import { boolean, bytes, integer, list, literal, optional, record, type Static, text, union } from './schema.ts';
import { difference } from './store-builds.ts';
import { substituteEvent } from './substitute.ts';
import { narHash, output, storePath, storePaths, time } from './vocabulary.ts';

/** How a target ended: the words of the reference's BuildResult, what a dry run finds, and a request taken back. */
export const resultStatus = literal(
  'built',
  'substituted',
  'already-valid',
  'permanent-failure',
  'input-rejected',
  'output-rejected',
  'transient-failure',
  'cached-failure',
  'timed-out',
  'misc-failure',
  'dependency-failed',
  'log-limit-exceeded',
  'not-deterministic',
  'no-substituters',
  'would-build',
  'cancelled',
);

/** Why something does not run yet. */
export const waitReason = union('for', {
  inputs: { count: integer() },
  slot: { kind: literal('build', 'substitution') },
  lock: { path: storePath },
  agent: { reason: text() },
  /** Another request's share of the machine comes first. */
  turn: { request: integer() },
});

/** What a request sees, in order. Each event stands alone: a client that knows only some kinds ignores the others. */
export const event = union('event', {
  /** More work has become known: derivations that have to be built. */
  planned: { build: storePaths },
  /** These will be fetched. */
  'planned-substitutes': {
    substitutes: list(record({ path: storePath, downloadSize: integer(), narSize: integer() })),
  },
  'build-waiting': { derivation: storePath, reason: waitReason, time },
  'build-started': {
    derivation: storePath,
    system: text(),
    logFile: bytes(),
    process: integer(),
    agent: text(),
    /** True where the agent does not build on the machine of the scheduler. */
    isElsewhere: optional(boolean()),
    time,
  },
  'build-log': { derivation: storePath, data: bytes() },
  /** What an agent says by itself about a job that it was offered: not part of the log. */
  'agent-remark': { derivation: storePath, data: bytes() },
  'build-succeeded': {
    derivation: storePath,
    outputs: list(output),
    duration: integer({ about: 'ms' }),
    /** Mode `check`: the outputs are the same as those that were there. */
    checked: optional(boolean()),
    time,
  },
  'build-failed': {
    derivation: storePath,
    status: resultStatus,
    message: text(),
    exitCode: optional(integer()),
    signal: optional(text()),
    /** Which limit was reached. */
    limit: optional(buildLimit),
    /** What may be why, with `exitCode` or `signal`. */
    fullFileSystem: optional(bytes()),
    outOfMemory: optional(boolean()),
    metLimits: optional(list(machineLimit)),
    logFile: optional(bytes()),
    keptDirectory: optional(bytes()),
    /** `not-deterministic`: the outputs that differ, and where. */
    differences: optional(list(difference)),
    /** The reference fails the whole request with this message, and prints no trace line for it. */
    decisive: optional(boolean()),
    /** The agent failed, not the build: its status as wait(2) gives it, which the trace line `@ hook-failed` has. */
    agentStatus: optional(integer()),
    time,
  },
  /** Why an output was refused, beside `build-failed`: what the trace line `@ hash-mismatch` says. */
  'hash-mismatch': { path: storePath, algorithm: text(), expected: text(), actual: text() },
  'unsupported-platform': { derivation: storePath, system: text() },
  'substitution-started': { path: storePath, url: text(), time },
  /** What the agent tells while it fetches. */
  'substitution-event': { path: storePath, detail: substituteEvent },
  'substitution-succeeded': { path: storePath, narSize: integer(), duration: integer({ about: 'ms' }), time },
  'substitution-failed': {
    path: storePath,
    status: text(),
    message: text(),
    expected: optional(narHash),
    actual: optional(narHash),
    time,
  },
  /** For people. Whoever shows a warning puts `warning: ' before the text. */
  message: { level: literal('error', 'warning', 'info', 'debug'), text: text() },
});

export type ResultStatus = Static<typeof resultStatus>;
export type WaitReason = Static<typeof waitReason>;
export type SchedulerEvent = Static<typeof event>;
