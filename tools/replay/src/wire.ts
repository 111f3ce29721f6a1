/**
 * The worker protocol as the replayer speaks it: its own short encoding, so that a mistake of the daemon's cannot hide
 * behind the same mistake here.
 */
import { connect, type Socket } from 'node:net';

/** An integer: 8 bytes, little-endian. */
export function integer(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** Bytes with their length before them, padded with zeros to a multiple of 8. Text is one character per byte. */
export function string(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
  return Buffer.concat([integer(bytes.length), bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
}

export function strings(values: readonly string[]): Buffer {
  return Buffer.concat([integer(values.length), ...values.map((value) => string(value))]);
}

/** Reads what arrives on a connection, piece by piece. */
export class WireReader {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.#wake?.();
    });
    const end = () => {
      this.#ended = true;
      this.#wake?.();
    };
    socket.on('end', end).on('close', end).on('error', end);
  }

  async integer(): Promise<number> {
    return Number((await this.#bytes(8)).readBigUInt64LE());
  }

  /** One character per byte. */
  async string(): Promise<string> {
    const length = await this.integer();
    const bytes = await this.#bytes(length + ((8 - (length % 8)) % 8));
    return bytes.toString('latin1', 0, length);
  }

  async strings(): Promise<string[]> {
    const values: string[] = [];
    for (let left = await this.integer(); left > 0; left--) values.push(await this.string());
    return values;
  }

  async #bytes(size: number): Promise<Buffer> {
    while (this.#length < size) {
      if (this.#ended) throw new ConnectionClosed();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const all = Buffer.concat(this.#chunks.splice(0));
    const rest = all.subarray(size);
    this.#chunks.push(rest);
    this.#length = rest.length;
    return all.subarray(0, size);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** The daemon has ended the connection. */
export class ConnectionClosed extends Error {
  constructor() {
    super('connection closed');
  }
}

/** Connects to the Unix socket at `path`. */
export async function openSocket(path: string): Promise<Socket> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}
