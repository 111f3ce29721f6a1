/**
 * Fetches one URL into one file, over HTTP with or without TLS. Certificates are not looked at: what comes has a hash that
 * the derivation names, and is worth nothing if it differs.
 */
import { createWriteStream } from 'node:fs';
import { type ClientRequestArgs, type IncomingMessage, Agent as PlainAgent, get as plainGet } from 'node:http';
import { Agent as SecureAgent, get as secureGet } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { Fault } from '@cooper/fault';
import { type Progress, printable } from '../core/progress.ts';

/** How many times a server may send on. */
const maxRedirects = 20;

/** Milliseconds without a byte after which a server is given up. */
const patience = 60_000;

/** Proxies come from `http_proxy` and its like, in the environment that the derivation asks for. */
const proxyEnv = process.env;
const agents = {
  'http:': new PlainAgent({ proxyEnv }),
  'https:': new SecureAgent({ proxyEnv, rejectUnauthorized: false }),
} as const;

/** Fetches `url` into `file`, replacing it. Throws the fault `download-failed`; `again` says whether it may help. */
export async function fetchFile(url: string, file: string, progress: Progress): Promise<void> {
  const response = await follow(url);
  const announced = Number(response.headers['content-length'] ?? Number.NaN);
  progress.start(Number.isSafeInteger(announced) ? announced : undefined, performance.now());
  response.on('data', (chunk: Buffer) => progress.advance(chunk.length, performance.now()));
  try {
    await pipeline(response, createWriteStream(file, { mode: 0o644 }));
  } catch (cause) {
    throw failure(url, (cause as Error).message, true, cause);
  }
  progress.finish();
}

async function follow(url: string): Promise<IncomingMessage> {
  let at = url;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const response = await ask(at);
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) return response;
    response.destroy();
    if (statusCode < 300 || statusCode > 399 || headers.location === undefined) throw refusal(at, response);
    at = new URL(headers.location, at).href;
  }
  throw failure(url, 'it is sent on for ever', false);
}

function ask(url: string): Promise<IncomingMessage> {
  const { protocol } = parseUrl(url);
  // Whatever else there is could read files or run programs.
  if (protocol !== 'http:' && protocol !== 'https:') throw failure(url, 'unsupported kind of URL', false);
  const get = protocol === 'http:' ? plainGet : secureGet;
  const options: ClientRequestArgs = { agent: agents[protocol], headers: { 'user-agent': 'cooper', accept: '*/*' } };
  return new Promise((resolve, reject) => {
    const request = get(url, options, resolve);
    request.setTimeout(patience, () => request.destroy(new Error('the server has fallen silent')));
    request.once('error', (error) => reject(failure(url, error.message, true, error)));
  });
}

function parseUrl(url: string): URL {
  if (!URL.canParse(url)) throw failure(url, 'this is no URL', false);
  return new URL(url);
}

/** What is gone stays gone; a server that is overloaded may come back. */
function refusal(url: string, { statusCode = 0, statusMessage = '' }: IncomingMessage): Fault {
  return failure(url, `${statusCode} ${statusMessage}`, statusCode >= 500 || statusCode === 429 || statusCode === 408);
}

function failure(url: string, problem: string, again: boolean, cause?: unknown): Fault {
  return new Fault('download-failed', `${printable(url)}: ${problem}`, { again }, { cause });
}
