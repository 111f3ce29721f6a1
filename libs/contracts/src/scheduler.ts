/**
 * The scheduler contract: make store items valid, by substitution or by building, and say what is going on. A request
 * lives as long as its call: cancelling the call (or the end of the channel) cancels the request, and only that.
 */
import { limits, sandboxPath } from './build-agent.ts';
import { contract, method, streamingMethod } from './contract.ts';
import { event, resultStatus, waitReason } from './scheduler-events.ts';
import { boolean, integer, list, literal, nullable, optional, record, type Static, text } from './schema.ts';
import { substituteEvent, substituteInfo, substituteUrls } from './substitute.ts';
import { buildMode, output, storePath, storePaths, time } from './vocabulary.ts';

/** What a client may choose for its own request. Absent: as the scheduler was configured. */
export const requestOptions = record({
  keepGoing: optional(boolean()),
  keepFailed: optional(boolean()),
  cores: optional(integer({ about: '0: all' })),
  limits: optional(limits),
  sandbox: optional(boolean()),
  sandboxPaths: optional(list(sandboxPath)),
  /** Fetch what can be fetched. Cannot turn on what the scheduler was told never to do. */
  substitutes: optional(boolean()),
  /** Caches to ask instead of the configured ones, for this request alone. */
  substituteUrls: optional(substituteUrls),
  /** Build what could not be fetched although a cache has it. */
  fallback: optional(boolean()),
  /** Have downloads by built-in builders tell their progress in their logs, in lines for programs. */
  downloadTrace: optional(boolean()),
  /** Offer builds to other machines. */
  offload: optional(boolean()),
  /** How many builds of this request may run on this machine at once, which may be more than others get. 0: none. */
  maxJobs: optional(integer()),
  /** Build so many times, and fail when two rounds differ. */
  rounds: optional(integer({ minimum: 1, maximum: 1000 })),
  /** Go on when the client goes away: the request ends by itself, or by `cancel`. */
  detached: optional(boolean()),
  /** Who asks, for people: shown by `snapshot`. */
  client: optional(record({ name: text(), uid: optional(integer()), gid: optional(integer()) })),
});

export const targetResult = record({
  target: text(),
  status: resultStatus,
  outputs: list(output),
  message: optional(text()),
});

/** One goal, as `snapshot` shows it. */
export const goalView = record({
  key: text(),
  kind: literal('derivation', 'substitution'),
  path: storePath,
  state: text(),
  waits: nullable(waitReason),
  requests: list(integer()),
  since: time,
  agent: optional(text()),
  process: optional(integer()),
});

export const requestView = record({
  request: integer(),
  client: text(),
  uid: nullable(integer()),
  targets: list(text()),
  since: time,
  goals: integer(),
  done: integer(),
});

export const snapshot = record({
  requests: list(requestView),
  goals: list(goalView),
  slots: record({
    builds: integer(),
    maxBuilds: integer(),
    substitutions: integer(),
    maxSubstitutions: integer(),
  }),
});

const requestResult = record({
  request: integer(),
  results: list(targetResult),
  /** The reference's exit status, a set of bits: 0, 1, 100 (a build failed), 101 (a limit was reached). */
  exitStatus: integer({ maximum: 255 }),
  /** The reference's words for a failure; absent on success. */
  message: optional(text()),
});

export const schedulerContract = contract({
  name: 'scheduler',
  version: 1,
  about: 'Makes store items valid.',
  methods: {
    realise: streamingMethod({
      about: 'Make the targets valid: derivations, `DERIVATION!OUTPUT,…`, or store paths.',
      params: record({ targets: list(text({ maxLength: 8192 })), mode: buildMode, options: requestOptions }),
      item: event,
      result: requestResult,
      errors: ['invalid-target', 'store-failed', 'no-build-agent'],
    }),
    plan: method({
      about: 'Tell what `realise` would do, and do nothing.',
      params: record({ targets: list(text({ maxLength: 8192 })), options: optional(requestOptions) }),
      result: record({
        build: storePaths,
        substitute: list(record({ path: storePath, downloadSize: integer(), narSize: integer() })),
        valid: storePaths,
        unknown: storePaths,
      }),
      errors: ['invalid-target', 'store-failed'],
    }),
    ensure: streamingMethod({
      about: 'Make these paths valid by substitution alone.',
      params: record({ paths: storePaths, options: requestOptions }),
      item: event,
      result: requestResult,
      errors: ['invalid-target', 'store-failed'],
    }),
    repair: streamingMethod({
      about: 'Replace these valid paths, which are corrupt, by a substitute or else by building their deriver again.',
      params: record({ paths: storePaths, options: requestOptions }),
      item: event,
      result: requestResult,
      errors: ['invalid-target', 'store-failed', 'no-build-agent'],
    }),
    attach: streamingMethod({
      about: 'Follow a request that is under way: its events from now on, and its result. Does not cancel it.',
      params: record({ request: integer() }),
      item: event,
      result: requestResult,
      errors: ['unknown-request'],
    }),
    querySubstitutes: streamingMethod({
      about: 'Tell what could be fetched of these paths; nil for those that could not. In the order asked.',
      params: record({ paths: storePaths, urls: optional(substituteUrls) }),
      item: substituteEvent,
      result: record({ infos: list(nullable(substituteInfo)) }),
      errors: ['invalid-url'],
    }),
    snapshot: method({ about: 'Tell everything that goes on now.', params: record({}), result: snapshot }),
    watch: streamingMethod({
      about: 'Stream a snapshot whenever something has changed, at most `interval` milliseconds apart.',
      params: record({ interval: integer({ minimum: 20, maximum: 60_000 }) }),
      item: snapshot,
      result: record({}),
    }),
    cancel: method({
      about: 'Cancel a request of any client. Goals that others want go on.',
      params: record({ request: integer() }),
      result: record({ cancelled: boolean() }),
    }),
  },
});

export type RequestOptions = Static<typeof requestOptions>;
export type TargetResult = Static<typeof targetResult>;
export type GoalView = Static<typeof goalView>;
export type RequestView = Static<typeof requestView>;
export type Snapshot = Static<typeof snapshot>;
