/**
 * The HTTP server: requests to answers, within limits that no client can exceed. A body that fails on its way breaks the
 * connection, so that nobody takes it for whole.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isFault } from '@cooper/fault';
import type { Log } from '@cooper/log';
import { parseRoute } from '../core/route.ts';
import { type Answer, type BodyWriter, type Conditions, textAnswer } from './answer.ts';
import { answer } from './answers.ts';
import { isErrno } from './errno.ts';
import type { Site } from './site.ts';

/** How many bodies may be on their way at once; who comes later is told when to come again. */
const maxTransfers = 100;

/** Times in ms. `idle`: how long a connection may be without a byte, in either direction. */
const limits = { headersTimeout: 20_000, requestTimeout: 30_000, keepAliveTimeout: 30_000, maxHeaderSize: 8192 };
const idle = 60_000;

export function makeServer(site: Site, log: Log): Server {
  let transfers = 0;
  const server = createServer(limits, (request, response) => {
    if (transfers >= maxTransfers)
      return void send(textAnswer(503, 'too busy\n', { 'retry-after': '5' }), request, response);
    transfers++;
    void handle(site, request, response)
      .catch((error: unknown) => fail(error, response, log))
      .finally(() => transfers--);
  });
  server.timeout = idle;
  return server;
}

async function handle(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A body that comes with a request is nothing to us.
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return send(textAnswer(405, 'only GET and HEAD\n', { allow: 'GET, HEAD' }), request, response);
  }
  const wish = parseRoute(site.options.directories.store, request.url ?? '');
  await send(await answer(site, wish, conditionsOf(request)), request, response);
}

function conditionsOf({ headers }: IncomingMessage): Conditions {
  const ifRange = headers['if-range'];
  return {
    range: headers.range,
    ifRange: typeof ifRange === 'string' ? ifRange : undefined,
    acceptEncoding: String(headers['accept-encoding'] ?? ''),
  };
}

async function send(
  { status, headers, body }: Answer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isWhole = typeof body !== 'function';
  const length = isWhole ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  response.writeHead(status, { ...headers, ...length });
  if (request.method === 'HEAD') response.end();
  else if (isWhole) response.end(body);
  else await sendStream(body, response);
}

async function sendStream(body: BodyWriter, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => response.writableFinished || gone.abort());
  await body(response, gone.signal);
}

/** That a client has gone is no news; everything else is told, and the client sees that something is wrong. */
function fail(error: unknown, response: ServerResponse, log: Log): void {
  if (isFault(error) && error.code !== 'cancelled') log.warning(error.message, { code: error.code });
  else if (!isFault(error) && !isBrokenOff(error)) log.error(`bug: ${(error as Error).stack ?? String(error)}`);
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { 'content-type': 'text/plain;charset=utf-8' }).end('something is wrong here\n');
}

function isBrokenOff(error: unknown): boolean {
  return isErrno(error, 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED');
}
