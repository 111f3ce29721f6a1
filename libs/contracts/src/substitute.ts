/**
 * The substitute contract: someone who can fetch store items instead of having them built. The scheduler asks, for a whole
 * level of its graph at once, what there is; the bytes go from the agent straight to the store. Nobody believes the
 * agent: the store takes an item in only with a narinfo that an authorised key has signed.
 */
import { contract, streamingMethod } from './contract.ts';
import { boolean, bytes, integer, list, nullable, optional, record, type Static, text, union } from './schema.ts';
import { narHash, nothing, storePath, storePaths, ticket } from './vocabulary.ts';

/** The longest archive that counts as small, in bytes, unpacked: such travel in messages, many together. */
export const smallArchive = 128 * 1024;

/** The feature of agents that serve `fetchSmall`. */
export const fetchesSmall = 'small-archives';

/** Where to look, instead of the caches that the agent was configured with. In the order in which they are preferred. */
export const substituteUrls = list(text({ maxLength: 4096 }), { maxLength: 100 });

/** What a cache offers for a path, from a narinfo that the agent has found authorised. */
export const substituteInfo = record({
  path: storePath,
  /** Nil when the narinfo names none, or `unknown-deriver`. */
  deriver: nullable(storePath),
  /** In the order of the narinfo. */
  references: storePaths,
  /** Of the compressed archive; 0 when the cache does not say. */
  downloadSize: integer({ about: 'bytes' }),
  narHash,
  narSize: integer({ about: 'bytes' }),
  /** The narinfo as the cache gave it, signature and all: what the store judges. */
  narinfo: bytes({ maxLength: 1024 * 1024 }),
  /** The cache that it came from, which `fetch` is given. Who fetches from no URL makes one up, such as `file:///cache`. */
  url: text({ maxLength: 4096 }),
});

/** What a query or a fetch tells on its way. */
export const substituteEvent = union('event', {
  /** A cache does not answer, answers nonsense, or serves a narinfo that is not authorised: for people. */
  warning: { message: text() },
  /** The archive comes from here, from now on. `size` is that of the compressed archive, if known. */
  downloading: { url: text({ maxLength: 4096 }), size: nullable(integer()) },
  /** So many bytes of it have come. At most every 100 ms. */
  progress: { transferred: integer() },
});

const elsewhere = optional(boolean());

/** How a fetch ended. That the archive is what the narinfo says is for the store to judge; the agent only measures. */
export const fetchOutcome = union('status', {
  /** All of it went into the ticket. `url` is the cache, `transferred` the bytes that came from there, as they were packed. */
  fetched: { url: text({ maxLength: 4096 }), transferred: integer(), narHash, narSize: integer() },
  /** The archive that came is not the one that was signed. */
  'hash-mismatch': {
    url: text({ maxLength: 4096 }),
    expected: narHash,
    actual: narHash,
    /** True: another cache may have the right archive, and another call, with another ticket, is worth while. */
    elsewhere,
  },
  /** No cache has it (any more). */
  'not-found': {},
  /** No cache could give it: what went wrong with each. */
  failed: { message: text() },
  /** The store took no connection, or no more of it: what counts is why it says so. */
  refused: {
    /** True: if the bytes were wrong, another cache may have the right ones. */
    elsewhere,
  },
});

/** One of the archives that are fetched. */
const wish = {
  path: storePath,
  /** As `query` gave it. The hash and size in it say what is wanted; another cache may serve the bytes. */
  narinfo: bytes({ maxLength: 1024 * 1024 }),
  url: text({ maxLength: 4096, about: 'the cache that the narinfo came from: tried first' }),
};

/** What a fetch of small archives tells of one of them. */
export const smallFetchItem = union('tells', {
  event: { path: storePath, event: substituteEvent },
  /** The last of this path. `archive` is empty unless it was fetched. */
  end: { path: storePath, outcome: fetchOutcome, archive: bytes({ maxLength: smallArchive }) },
});

export const substituteContract = contract({
  name: 'substitute',
  version: 1,
  about: 'Fetches store items from caches.',
  methods: {
    query: streamingMethod({
      about: 'Tell what can be fetched of these paths; nil for those that cannot. In the order asked.',
      params: record({
        paths: storePaths,
        /** Where to look, instead of the caches that the agent was configured with, the best first. */
        urls: optional(substituteUrls),
      }),
      item: substituteEvent,
      result: record({ infos: list(nullable(substituteInfo)) }),
      errors: ['invalid-url'],
    }),
    fetch: streamingMethod({
      about: 'Fetch the archive of a path, unpacked from its compression, into the bulk ticket of a store.',
      params: record({
        ...wish,
        /** As the query was asked: other caches that may serve the bytes. */
        urls: optional(substituteUrls),
        ticket,
      }),
      item: substituteEvent,
      result: record({ outcome: fetchOutcome }),
      errors: ['invalid-url', 'invalid-narinfo'],
    }),
    fetchSmall: streamingMethod({
      about:
        'Fetch small archives, of 128 KiB unpacked at most, and give them in whatever order they come. Of agents with the feature `small-archives`.',
      params: record({ wishes: list(record(wish), { maxLength: 1000 }), urls: optional(substituteUrls) }),
      item: smallFetchItem,
      result: nothing,
      errors: ['invalid-url'],
    }),
  },
});

export type SubstituteInfo = Static<typeof substituteInfo>;
export type SubstituteEvent = Static<typeof substituteEvent>;
export type SmallFetchItem = Static<typeof smallFetchItem>;
export type FetchOutcome = Static<typeof fetchOutcome>;
