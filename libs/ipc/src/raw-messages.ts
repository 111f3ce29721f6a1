/** Messages made and read by hand, for the tests of peers that do not keep to the protocol. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { FrameReader, headerSize } from './frame.ts';
import { decode, encode } from './message-pack.ts';

/** `value` as a message in its frame. */
export function frame(value: unknown): Buffer {
  const bytes = Buffer.from(encode(value, headerSize));
  bytes.writeUInt32BE(bytes.length - headerSize);
  return bytes;
}

/** The messages that arrive on `stream`, as they come. */
export function messages(stream: Duplex): { next(): Promise<unknown> } {
  const reader = new FrameReader();
  const arrived: unknown[] = [];
  stream.on('data', (chunk: Buffer) => {
    for (const message of reader.push(chunk)) arrived.push(decode(message));
    stream.emit('message');
  });
  return {
    next: async () => {
      while (arrived.length === 0) await once(stream, 'message');
      return arrived.shift();
    },
  };
}
