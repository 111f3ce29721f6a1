/** A server of the wire that does one thing wrong. It answers every call with no infos, as a substituter without caches. */
import { type Duplex, duplexPair } from 'node:stream';
import { Packr } from 'msgpackr';

export const wireFlaws = [
  'any-contract',
  'any-version',
  'nameless',
  'ungreeted',
  'any-call',
  'any-field',
  'unnamed-field',
  'known-fields-only',
  'whole-frames-only',
  'one-frame-a-piece',
  'ends-on-notes',
  'waits-for-long-frames',
  'passes-over-nonsense',
  'takes-any-value',
] as const;

export type WireFlaw = (typeof wireFlaws)[number];

const packr = new Packr({ useRecords: false });
const longest = 16 * 1024 * 1024;

/** The client's end of a channel to such a server. */
export function sloppyServer(flaw: WireFlaw): Duplex {
  const [near, far] = duplexPair();
  new SloppyServer(far, flaw);
  return near;
}

class SloppyServer {
  readonly #stream: Duplex;
  readonly #flaw: WireFlaw;
  #bytes: Buffer = Buffer.alloc(0);
  #greeted = false;

  constructor(stream: Duplex, flaw: WireFlaw) {
    this.#stream = stream;
    this.#flaw = flaw;
    stream.on('data', (chunk: Buffer) => this.#take(chunk)).on('end', () => stream.destroy());
    stream.on('error', () => stream.destroy());
  }

  #take(chunk: Buffer): void {
    const isWhole = this.#greeted && this.#flaw === 'whole-frames-only';
    this.#bytes = isWhole ? chunk : Buffer.concat([this.#bytes, chunk]);
    for (let message = this.#next(); message !== undefined; message = this.#next()) this.#read(message);
  }

  /** The next frame, if it is whole. */
  #next(): Buffer | undefined {
    if (this.#bytes.length < 4) return undefined;
    const size = this.#bytes.readUInt32BE();
    if (size > longest && this.#flaw !== 'waits-for-long-frames') this.#cutOff();
    if (this.#bytes.length < 4 + size) return undefined;
    const message = this.#bytes.subarray(4, 4 + size);
    const isAlone = this.#greeted && this.#flaw === 'one-frame-a-piece';
    this.#bytes = isAlone ? Buffer.alloc(0) : this.#bytes.subarray(4 + size);
    return message;
  }

  #read(bytes: Buffer): void {
    // A byte that begins no value.
    if (bytes[0] === 0xc1) {
      if (this.#flaw !== 'passes-over-nonsense') this.#cutOff();
      return;
    }
    const message = unpack(bytes);
    if (Array.isArray(message) && message[0] === 0) {
      const [, id, method, params] = message as [0, number, string, Record<string, unknown>];
      if (method === 'initialize') this.#greet(id, params);
      else this.#answer(id, method, params);
    } else if (Array.isArray(message) && message[0] === 2) {
      if (this.#flaw === 'ends-on-notes') this.#cutOff();
    } else if (this.#flaw !== 'takes-any-value') this.#cutOff();
  }

  #answer(id: number, method: string, params: Record<string, unknown>): void {
    const refusal = this.#refusal(method, params);
    if (refusal === undefined) this.#write([1, id, null, { infos: [] }]);
    else this.#refuse(id, 'invalid-request', refusal);
  }

  #refusal(method: string, params: Record<string, unknown>): string | undefined {
    if (!this.#greeted && this.#flaw !== 'ungreeted') return 'no greeting yet';
    if (method !== 'query') return this.#flaw === 'any-call' ? undefined : `no call ${method}`;
    if (!Array.isArray(params['paths']) && this.#flaw !== 'any-field') {
      return this.#flaw === 'unnamed-field' ? 'something is missing' : 'params.paths is wrong';
    }
    return this.#flaw === 'known-fields-only' && Object.keys(params).length > 1 ? 'there are other fields' : undefined;
  }

  #greet(id: number, { contract, version }: Record<string, unknown>): void {
    const isRight = contract === 'substitute' || this.#flaw === 'any-contract';
    if (!isRight || (version !== 1 && this.#flaw !== 'any-version')) {
      this.#refuse(id, 'contract-mismatch', 'this is substitute 1');
      this.#cutOff();
      return;
    }
    this.#greeted = true;
    const server = this.#flaw === 'nameless' ? {} : { server: 'sloppy' };
    this.#write([1, id, null, { contract, version, features: [], ...server }]);
  }

  #refuse(id: number, code: string, message: string): void {
    this.#write([1, id, { code, message, data: {} }, null]);
  }

  #write(message: unknown): void {
    const bytes = packr.pack(message);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(bytes.length);
    this.#stream.write(Buffer.concat([header, bytes]));
  }

  /** Ends the channel once what was written is out. */
  #cutOff(): void {
    this.#stream.end();
  }
}

/** Nothing for what is no MessagePack. */
function unpack(bytes: Buffer): unknown {
  try {
    return packr.unpack(bytes);
  } catch {
    return undefined;
  }
}
