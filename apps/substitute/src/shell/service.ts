/** Serves the substitute contract. */
import type { FetchOutcome, SubstituteEvent, substituteContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Handlers } from '@cooper/ipc';
import { parseNarinfo } from '@cooper/narinfo';
import { parseStorePath } from '@cooper/store-path';
import { Fetch } from './fetch.ts';
import type { Parts } from './parts.ts';
import { query } from './query.ts';

type Serves = Handlers<typeof substituteContract>;
type FetchParams = Parameters<Serves['fetch']>[0];

interface Caller {
  send(event: SubstituteEvent): Promise<void>;
  readonly signal: AbortSignal;
}

/** The functions of the contract. */
export function handlers(parts: Parts): Serves {
  return {
    query: async ({ paths, urls }, call) => {
      const caches = parts.caches.choose(urls);
      const asked = paths.map((path) => parseStorePath(parts.storeDir, path));
      const warn = (message: string) => void call.send({ event: 'warning', message });
      return { infos: [...(await query(parts.narinfos, asked, { caches, warn, signal: call.signal }))] };
    },
    fetch: async (params, call) => ({ outcome: await fetchInto(parts, params, call) }),
  };
}

async function fetchInto(
  parts: Parts,
  { path, narinfo: bytes, url, urls, ticket }: FetchParams,
  call: Caller,
): Promise<FetchOutcome> {
  const caches = parts.caches.choose(urls);
  const narinfo = parseNarinfo(parts.storeDir, bytes);
  if (narinfo.path !== path) {
    throw new Fault('invalid-narinfo', `invalid narinfo of ${path}: it is that of ${narinfo.path}`, { path });
  }
  const verdict = parts.trust.judge(narinfo);
  if (verdict !== 'authorised') {
    return { status: 'failed', message: `the narinfo of ${path} is not authorised (${verdict})` };
  }
  const send = (event: SubstituteEvent) => void call.send(event);
  return new Fetch(parts.narinfos, parts.decoders, { narinfo, url, caches, ticket, send, signal: call.signal }).run();
}
