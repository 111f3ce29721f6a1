/**
 * A server of files for tests, as good or as bad as they want: it may delay, fall silent, break off, lie, lead elsewhere. What is
 * asked of it is written down.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface Request {
  readonly path: string;
  readonly range: string | undefined;
}

/** Answers one request; `serve` gives the file as it is. */
export type Behaviour = (exchange: Exchange) => void | Promise<void>;

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The file that was asked for, if there is one. */
  readonly file: Buffer | undefined;
  readonly serve: () => Promise<void>;
}

export class CacheServer implements AsyncDisposable {
  /** By their paths, without a slash in front. */
  readonly files: Map<string, Buffer>;
  readonly requests: Request[] = [];
  /** Of bodies, as far as they have left. */
  bytesSent = 0;
  /** Bytes a second of each body; without it, as fast as can be. */
  rate: number | undefined;
  readonly headers: Record<string, string> = {};
  readonly #behaviours: { readonly pattern: RegExp; readonly behaviour: Behaviour; times: number }[] = [];
  readonly #server: Server;
  #port = 0;
  readonly #sockets = new Set<Socket>();

  private constructor(files: ReadonlyMap<string, Buffer>) {
    this.files = new Map(files);
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(files: ReadonlyMap<string, Buffer> = new Map()): Promise<CacheServer> {
    const server = new CacheServer(files);
    await server.listen(0);
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Has what matches answered in this way, `times` times; what was said last counts first. */
  when(pattern: RegExp, behaviour: Behaviour, times = Number.POSITIVE_INFINITY): this {
    this.#behaviours.unshift({ pattern, behaviour, times });
    return this;
  }

  /** How often what matches was asked for. */
  count(pattern: RegExp): number {
    return this.requests.filter(({ path }) => pattern.test(path)).length;
  }

  /** As if the machine had lost its power. */
  async kill(): Promise<void> {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').slice(1);
    this.requests.push({ path, range: request.headers.range });
    response.on('error', () => undefined);
    const file = this.files.get(path);
    const serve = () => this.#serve(file, request.headers.range, response);
    const special = this.#behaviours.find(({ pattern, times }) => times > 0 && pattern.test(path));
    if (special !== undefined) special.times--;
    await (special?.behaviour ?? (({ serve }) => serve()))({ request, response, file, serve });
  }

  async #serve(file: Buffer | undefined, range: string | undefined, response: ServerResponse): Promise<void> {
    if (file === undefined) {
      response.writeHead(404, this.headers).end('not here\n');
      return;
    }
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const part = file.subarray(from);
    const ranges = range === undefined ? {} : { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` };
    response.writeHead(range === undefined ? 200 : 206, { 'content-length': part.length, ...ranges, ...this.headers });
    await this.send(response, part);
    response.end();
  }

  /** Sends bytes at the server's rate; false when nobody takes them any more. */
  async send(response: ServerResponse, bytes: Uint8Array): Promise<boolean> {
    const size = this.rate === undefined ? 256 * 1024 : Math.max(1, Math.floor(this.rate / 50));
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size);
      if (response.destroyed) return false;
      if (!response.write(piece)) {
        await new Promise<void>((resolve) => {
          const go = () => {
            response.off('drain', go);
            response.off('close', go);
            resolve();
          };
          response.on('drain', go);
          response.on('close', go);
        });
      }
      this.bytesSent += piece.length;
      if (this.rate !== undefined) await delay((piece.length / this.rate) * 1000);
    }
    return !response.destroyed;
  }
}

/** Answers so many ms later. */
export const late =
  (time: number): Behaviour =>
  async ({ serve }) => {
    await delay(time);
    await serve();
  };

/** Answers with a status, and no more. */
export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  ({ response }) =>
    void response.writeHead(code, headers).end('so it is\n');

/** Breaks the connection after so many bytes of the body, of which it announced all. */
export const brokenAfter =
  (bytes: number): Behaviour =>
  ({ file, response }) => {
    response.writeHead(200, { 'content-length': file?.length ?? 0 });
    response.write(file?.subarray(0, bytes), () => setTimeout(() => response.socket?.resetAndDestroy(), 30));
  };

/** Falls silent after so many bytes of the body. */
export const silentAfter =
  (bytes: number): Behaviour =>
  ({ file, response }) => {
    response.writeHead(200, { 'content-length': file?.length ?? 0 });
    response.write(file?.subarray(0, bytes));
  };

/** Answers nothing at all. */
export const silent: Behaviour = () => undefined;

/** Sends this instead. */
export const instead =
  (bytes: Uint8Array): Behaviour =>
  ({ response }) =>
    void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
