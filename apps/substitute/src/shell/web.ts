/** Requests to web servers: kept-alive connections, limits for everything that a server can drag out or blow up. */
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import type { Dispatcher } from 'undici';
import request from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import { isForbiddenAddress, isSameOrigin, resolveRedirection } from '../core/cache-url.ts';
import { readRetryAfter } from '../core/health.ts';
import { cacheFailure, isBroken, reasonOf } from './cache-failure.ts';

/** In ms: for a connection, for the head of an answer, and for silence in the middle of one. */
const patience = { connect: 5000, head: 10_000, silence: 10_000 } as const;

const mostRedirections = 5;

/** Connections to one server, and requests under way on each where it speaks HTTP/1.1. */
const limits = {
  small: { connections: 8, pipelining: 32 },
  /** Small files of a server that closes connections when it likes: what follows on one would be lost. */
  single: { connections: 32, pipelining: 1 },
  large: { connections: 32, pipelining: 1 },
} as const;

/** For how long, in ms, a server counts as such. */
const closing = 60_000;

export interface WebRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `user:password`, for the server of `url` alone. */
  readonly credentials: string | null;
  readonly signal: AbortSignal;
  /** Archives get connections of their own: a small answer is not to wait behind a large one. */
  readonly large: boolean;
}

export interface WebAnswer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly body: Dispatcher.ResponseData['body'];
}

export class Web {
  /** Made when they are needed: certificates take time to read. */
  readonly #agents = new Map<string, Agent>();
  /** Until when, in ms since 1970, connections to an origin get one request at a time. */
  readonly #closing = new Map<string, number>();

  /**
   * Asks, and follows where it leads. Throws `cache-failed` for what is no answer to the question, and for status 429
   * and those from 500 on.
   */
  async request(wish: WebRequest): Promise<WebAnswer> {
    let { url } = wish;
    for (let steps = 0; steps <= mostRedirections; steps++) {
      const answer = await this.#ask(url, wish);
      const location = answer.status >= 300 && answer.status < 400 ? answer.header('location') : null;
      if (location === null) return accept(url, answer);
      discard(answer);
      const next = resolveRedirection(url, location);
      if (next === undefined) throw cacheFailure(wish.url, 'it leads to where nothing may be fetched', { local: true });
      url = next;
    }
    throw cacheFailure(wish.url, 'it leads in circles', { local: true });
  }

  /** Breaks off what is under way. */
  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  #agent(large: boolean, { origin, protocol }: URL): Agent {
    const kind = large ? 'large' : (this.#closing.get(origin) ?? 0) > Date.now() ? 'single' : 'small';
    const key = `${kind} ${protocol}`;
    const made = this.#agents.get(key) ?? makeAgent(limits[kind], protocol === 'https:');
    this.#agents.set(key, made);
    return made;
  }

  async #ask(url: string, wish: WebRequest): Promise<WebAnswer> {
    const place = new URL(url);
    const { origin, pathname, search } = place;
    const own = wish.credentials !== null && isSameOrigin(url, wish.url);
    const authorization = own
      ? { authorization: `Basic ${Buffer.from(wish.credentials ?? '').toString('base64')}` }
      : {};
    const headers = { 'user-agent': 'cooper', ...wish.headers, ...authorization };
    try {
      const dispatcher = this.#agent(wish.large, place);
      const {
        statusCode,
        headers: theirs,
        body,
      } = await request.call(dispatcher, {
        origin,
        path: pathname + search,
        method: 'GET',
        headers,
        // Small ones follow each other on a connection, without waiting for the answers.
        blocking: wish.large,
        signal: wish.signal,
      });
      if (single(theirs['connection']) === 'close') this.#closing.set(origin, Date.now() + closing);
      // Whoever reads the body is told; nobody may be reading it yet.
      body.on('error', () => undefined);
      return { status: statusCode, header: (name) => single(theirs[name]), body };
    } catch (error) {
      if (wish.signal.aborted && (wish.signal.reason as Error | undefined)?.name !== 'TimeoutError') throw error;
      if (isBroken(error)) this.#closing.set(origin, Date.now() + closing);
      throw cacheFailure(url, reasonOf(error), { cause: error });
    }
  }
}

/** Lets the rest of an answer go: read, if it is short, so that the connection can be used again. */
export function discard({ body }: WebAnswer): void {
  void body.dump({ limit: 16 * 1024 }).catch(() => undefined);
}

function accept(url: string, answer: WebAnswer): WebAnswer {
  const { status } = answer;
  if (status !== 429 && status < 500) return answer;
  discard(answer);
  throw cacheFailure(url, `it answers ${status}`, { rest: readRetryAfter(answer.header('retry-after'), Date.now()) });
}

function single(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function makeAgent(limits: { readonly connections: number; readonly pipelining: number }, secure: boolean): Agent {
  return new Agent({
    ...limits,
    allowH2: true,
    connectTimeout: patience.connect,
    headersTimeout: patience.head,
    bodyTimeout: patience.silence,
    keepAliveTimeout: 30_000,
    maxHeaderSize: 32 * 1024,
    connect: { lookup: lookupAllowed, ...(secure ? { ca: certificates() } : {}) },
  });
}

/** The certificates that the machine trusts, and those that Node brings. */
function certificates(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}

/** A name that leads to where nothing may be fetched is a name that is not known. */
const lookupAllowed: LookupFunction = (host, options, callback) =>
  lookup(host, options, (error, address, family) => {
    const addresses = typeof address === 'string' ? [address] : (address ?? []).map((one) => one.address);
    const forbidden = error === null && addresses.some(isForbiddenAddress);
    const refusal = forbidden
      ? Object.assign(new Error('an address where nothing may be fetched'), { code: 'EACCES' })
      : error;
    callback(refusal, address, family);
  });
