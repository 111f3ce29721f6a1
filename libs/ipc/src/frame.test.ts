import { deepStrictEqual, ok } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { FrameReader, maxFrame } from './frame.ts';

function frame(message: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(message.length);
  return Buffer.concat([header, message]);
}

function readAll(reader: FrameReader, chunks: readonly Buffer[]): Buffer[] {
  return chunks.flatMap((chunk) => [...reader.push(chunk)]);
}

/** `bytes` in pieces of these sizes, over and over. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] as number;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

t.test('messages come out whole, in order, however the stream is cut', async () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(messages, sizes, (messages, sizes) => {
      const reader = new FrameReader();
      const bytes = Buffer.concat(messages.map(frame));
      const read = readAll(reader, cut(bytes, sizes));
      deepStrictEqual(
        read.map((message) => [...message]),
        messages.map((message) => [...message]),
      );
      ok(reader.isEmpty);
    }),
  );
});

t.test('what was given stays as it was when more comes', async (t) => {
  const reader = new FrameReader();
  const first = readAll(reader, cut(frame(Buffer.alloc(100_000, 1)), [70_000]));
  readAll(reader, cut(frame(Buffer.alloc(100_000, 2)), [70_000]));
  t.ok(first[0]?.equals(Buffer.alloc(100_000, 1)));
});

t.test('a length past the limit is refused, the limit itself is not', async (t) => {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(maxFrame + 1);
  t.throws(() => readAll(new FrameReader(), [header]), { code: 'malformed-message', facts: { length: maxFrame + 1 } });
  const whole = readAll(new FrameReader(), cut(frame(Buffer.alloc(maxFrame, 7)), [65_536]));
  t.equal(whole[0]?.length, maxFrame);
});

t.test('S88: a length that is only announced costs no memory', async (t) => {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(maxFrame);
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 100 }, () => new FrameReader());
  for (const reader of readers) readAll(reader, [header]);
  t.ok(process.memoryUsage().arrayBuffers - before < 16 * 1024 * 1024, '100 readers hold less than one such message');
  t.equal(readers[0]?.isEmpty, false);
});

t.test('a message that comes byte by byte is put together in linear time and memory', async (t) => {
  const reader = new FrameReader();
  const bytes = frame(Buffer.alloc(2_000_000, 3));
  const start = process.cpuUsage();
  const read = readAll(reader, cut(bytes, [1]));
  t.equal(read[0]?.length, 2_000_000);
  t.ok(process.cpuUsage(start).user < 20_000_000, 'quadratic work would take minutes');
});
