/** Fields and whole requests, however they are cut, and what is refused before it can take memory. */
import { fromBytes } from '@cooper/byte-string';
import fc from 'fast-check';
import t from 'tap';
import { chunksOf } from '../../../test/support/arbitrary-chunks.ts';
import {
  ByteQueue,
  FieldWriter,
  maxText,
  type OperationName,
  operations,
  Progress,
  type Reading,
  readArguments,
  readBytes,
  readInteger,
  readMessage,
  writeRequest,
} from './index.ts';
import { readLong, readPairs, readStrings } from './reading.ts';

/** Reads from chunks as they come. */
function readFrom<T>(reading: Reading<T>, chunks: readonly Uint8Array[]): T {
  const queue = new ByteQueue();
  const progress = new Progress(reading);
  for (const chunk of chunks) {
    queue.push(Buffer.from(chunk));
    if (progress.advance(queue)) return progress.value;
  }
  throw new Error('it wants more');
}

const bytes = fc.uint8Array({ maxLength: 40 }).map(fromBytes);

t.test('what is written is read, however it is cut', async () => {
  const fields = fc.record({
    integer: fc.nat(2 ** 32 - 1),
    long: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    strings: fc.array(bytes, { maxLength: 5 }),
    pairs: fc.array(fc.tuple(bytes, bytes), { maxLength: 4 }),
  });
  const written = fields.chain((values) => {
    const writer = new FieldWriter().integer(values.integer).long(values.long);
    return fc.tuple(fc.constant(values), chunksOf(writer.strings(values.strings).pairs(values.pairs).take()));
  });
  fc.assert(
    fc.property(written, ([values, chunks]) => {
      const read = readFrom(readAll(), chunks);
      return (
        read.integer === values.integer &&
        read.long === values.long &&
        JSON.stringify([read.strings, read.pairs]) === JSON.stringify([values.strings, values.pairs])
      );
    }),
  );
});

function* readAll() {
  return {
    integer: yield* readInteger(),
    long: yield* readLong(),
    strings: yield* readStrings(),
    pairs: yield* readPairs(),
  };
}

t.test('any bytes are read or refused, as what they announce', async () => {
  const names = Object.keys(operations) as OperationName[];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(255), fc.uint8Array({ maxLength: 200 }), (name, minor, input) => {
      const queue = new ByteQueue();
      queue.push(Buffer.from(input));
      const progress = new Progress(readArguments(name, minor));
      try {
        if (!progress.advance(queue)) return progress.wanted <= maxText + 8;
        const writer = new FieldWriter();
        writeRequest(writer, name, { arguments: progress.value as never, minor });
        const again = writer.take().subarray(8);
        return again.equals(Buffer.from(input).subarray(0, again.length));
      } catch (error) {
        return (error as { code?: string }).code === 'malformed-request';
      }
    }),
  );
});

t.test('what is too long is refused when it is announced', async (t) => {
  const announce = (length: number) => [new FieldWriter().integer(length).take()];
  t.throws(() => readFrom(readBytes(100), announce(101)), { code: 'malformed-request' });
  t.throws(() => readFrom(readStrings(), announce(2 ** 32 - 1)), { code: 'malformed-request' });
  t.throws(() => readFrom(readPairs(), announce(2 ** 32 - 1)), { code: 'malformed-request' });
  t.throws(() => readFrom(readInteger(), [new FieldWriter().long(2n ** 32n).take()]), {
    message: 'implementation cannot deal with > 32-bit integers',
  });
  t.throws(() => readFrom(readMessage(0x64), announce(1)), { code: 'malformed-request' });
});

t.test('a status is for clients that know it', async (t) => {
  const old = new FieldWriter().integer(0x63787470).string('no').take();
  t.match(readFrom(readMessage(7), [old]), { message: 'error', text: 'no', status: 1 });
});
