/** Serves the substitute contract. */
import type { FetchOutcome, SubstituteEvent, substituteContract } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import type { Handlers } from '@cooper/ipc';
import { parseNarinfo } from '@cooper/narinfo';
import { parseStorePath } from '@cooper/store-path';
import { Fetch, type Fetching } from './fetch.ts';
import type { Parts } from './parts.ts';
import { query } from './query.ts';
import { TicketSink } from './sinks.ts';
import { type SmallFetched, SmallFetches } from './small-fetch.ts';

type Serves = Handlers<typeof substituteContract>;
type FetchParams = Parameters<Serves['fetch']>[0];

interface Caller {
  send(event: SubstituteEvent): Promise<void>;
  readonly signal: AbortSignal;
}

/** The functions of the contract. */
export function handlers(parts: Parts): Serves {
  const small = new SmallFetches(parts.narinfos, parts.decoders);
  return {
    query: async ({ paths, urls }, call) => {
      const caches = parts.caches.choose(urls);
      const asked = paths.map((path) => parseStorePath(parts.storeDir, path));
      const warn = (message: string) => void call.send({ event: 'warning', message });
      return { infos: [...(await query(parts.narinfos, asked, { caches, warn, signal: call.signal }))] };
    },
    fetch: async (params, call) => ({ outcome: await fetchInto(parts, params, call) }),
    fetchSmall: async ({ wishes, urls }, call) => {
      const caches = parts.caches.choose(urls);
      const { signal } = call;
      const one = async (wish: Wish) => {
        const { path, url } = wish;
        const send = (event: SubstituteEvent) => void call.send({ tells: 'event', path, event });
        const fetched = await attempt(async () => {
          const judged = judge(parts, wish);
          return 'outcome' in judged ? judged : small.fetch({ ...judged, url, caches, send, signal });
        });
        await call.send({ tells: 'end', path, ...fetched });
      };
      await Promise.all(wishes.map(one));
      return {};
    },
  };
}

type Wish = Parameters<Serves['fetchSmall']>[0]['wishes'][number];

async function fetchInto(parts: Parts, params: FetchParams, call: Caller): Promise<FetchOutcome> {
  const { url, urls, ticket } = params;
  const { signal } = call;
  const caches = parts.caches.choose(urls);
  const judged = judge(parts, params);
  if ('outcome' in judged) return judged.outcome;
  const send = (event: SubstituteEvent) => void call.send(event);
  const sink = await TicketSink.open(ticket, signal);
  return new Fetch(parts.narinfos, parts.decoders, { ...judged, url, caches, sink, send, signal }).run();
}

/** A fault of one of several fetches is how that one ends. */
async function attempt(fetch: () => Promise<SmallFetched>): Promise<SmallFetched> {
  try {
    return await fetch();
  } catch (error) {
    if (!isFault(error)) throw error;
    return failed(error.message);
  }
}

type Believed = Pick<Fetching, 'narinfo' | 'narSize'>;

/** The narinfo of a wish; or how the fetch ends, where it is not to be believed. */
function judge(parts: Parts, { path, narinfo: bytes }: Wish): Believed | SmallFetched {
  const narinfo = parseNarinfo(parts.storeDir, bytes);
  if (narinfo.path !== path) {
    throw new Fault('invalid-narinfo', `invalid narinfo of ${path}: it is that of ${narinfo.path}`, { path });
  }
  const verdict = parts.trust.judge(narinfo, bytes);
  if (verdict === 'authorised') return { narinfo, narSize: parts.trust.believesAnyone ? null : narinfo.narSize };
  return failed(`the narinfo of ${path} is not authorised (${verdict})`);
}

function failed(message: string): SmallFetched {
  return { outcome: { status: 'failed', message }, archive: new Uint8Array(0) };
}
