/** What is wrong with a cache: never a fault of ours, and never the last word on a path. */
import { Fault } from '@cooper/fault';

export interface CacheFailure extends Fault {
  readonly code: 'cache-failed';
}

interface Details {
  /** How long, in ms, the cache wants to be left alone. */
  readonly rest?: number | null;
  /** Whether it has to do with this one answer only: the cache itself fares well. */
  readonly local?: boolean;
  readonly cause?: unknown;
}

/** The cache at `url` failed: `reason` says how. */
export function cacheFailure(url: string, reason: string, { rest = null, local = false, cause }: Details = {}): Fault {
  return new Fault('cache-failed', `${url}: ${reason}`, { url, reason, rest, local }, { cause });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up now',
  UND_ERR_CONNECT_TIMEOUT: 'it cannot be reached',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer',
  UND_ERR_BODY_TIMEOUT: 'it has fallen silent',
  UND_ERR_SOCKET: 'the connection broke',
};

/** What went wrong on the way, in words. */
export function reasonOf(error: unknown): string {
  const { code, name, message } = error as { code?: string; name?: string; message?: string };
  if (name === 'TimeoutError') return 'it takes too long';
  return reasons[code ?? ''] ?? message ?? String(error);
}

/** Whether a connection has ended before the answer. */
export function isBroken(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: string };
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(code ?? '');
}
