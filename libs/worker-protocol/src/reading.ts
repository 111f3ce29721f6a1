/**
 * Reading without input and output: a `Reading` says how many bytes it needs next and is resumed with them, so that the
 * same code serves sockets, files and tests, and nothing ever waits for more than one bounded field.
 */
import { type ByteString, fromBytes } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import type { ByteQueue } from './byte-queue.ts';

/** Yields a number of bytes, is resumed with them, and returns what they mean. */
export type Reading<T> = Generator<number, T, Buffer>;

/** The most bytes of a name, a path, an option. */
export const maxString = 64 * 1024;

/** The most bytes of a text for the store: what one message between processes can carry. */
export const maxText = 16 * 1024 * 1024 - maxString;

/** The most bytes of a list, and strings in it. */
const maxListBytes = 32 * 1024 * 1024;
const maxListLength = 1024 * 1024;

/** A number of 32 bits, which takes eight bytes. */
export function* readInteger(): Reading<number> {
  const bytes = yield 8;
  if (bytes.readUInt32LE(4) !== 0) refuse('implementation cannot deal with > 32-bit integers');
  return bytes.readUInt32LE(0);
}

/** A number of 64 bits. */
export function* readLong(): Reading<bigint> {
  return (yield 8).readBigUInt64LE(0);
}

/** Length, bytes, zeros up to a multiple of eight. */
export function* readBytes(limit: number): Reading<Buffer> {
  const length = yield* readInteger();
  if (length > limit) refuse(`a string of ${length} bytes is too long: ${limit} are the most`);
  if (length === 0) return Buffer.alloc(0);
  const padded = Math.ceil(length / 8) * 8;
  const bytes = yield padded;
  for (let at = length; at < padded; at++) if (bytes[at] !== 0) refuse('non-zero padding');
  return bytes.subarray(0, length);
}

export function* readString(): Reading<ByteString> {
  return fromBytes(yield* readBytes(maxString));
}

/** A count, and so many strings. */
export function* readStrings(): Reading<ByteString[]> {
  return yield* readMany(yield* readInteger());
}

/** A count, and so many pairs of strings. */
export function* readPairs(): Reading<(readonly [ByteString, ByteString])[]> {
  const count = yield* readInteger();
  const strings = yield* readMany(Math.min(2 * count, maxListLength + 1));
  return Array.from({ length: count }, (_, index) => {
    return [strings[2 * index] as ByteString, strings[2 * index + 1] as ByteString] as const;
  });
}

function* readMany(count: number): Reading<ByteString[]> {
  if (count > maxListLength) refuse(`a list of ${count} strings is too long: ${maxListLength} are the most`);
  const strings: ByteString[] = [];
  for (let left = maxListBytes; strings.length < count; ) {
    const string = yield* readString();
    left -= string.length + 8;
    if (left < 0) refuse(`a list of more than ${maxListBytes} bytes is too long`);
    strings.push(string);
  }
  return strings;
}

/** A reading that is under way. */
export class Progress<T> {
  readonly #reading: Reading<T>;
  #step: IteratorResult<number, T> | undefined;

  constructor(reading: Reading<T>) {
    this.#reading = reading;
  }

  /**
   * Goes on as far as the bytes in `queue` allow. Gives true when the value is there. Throws the fault
   * `malformed-request` where they are not of the protocol.
   */
  advance(queue: ByteQueue): boolean {
    let step = this.#step ?? this.#reading.next(undefined as never);
    while (!step.done && queue.length >= step.value) step = this.#reading.next(queue.take(step.value));
    this.#step = step;
    return step.done === true;
  }

  /** How many bytes the field needs that comes next; none when there is a value. */
  get wanted(): number {
    return this.#step?.done === false ? this.#step.value : 0;
  }

  /** What was read, once `advance` has given true. */
  get value(): T {
    if (this.#step?.done !== true) throw new Error('there is no value yet');
    return this.#step.value;
  }
}

/** What the reference says of such bytes. It ends the session: nobody knows where the next request begins. */
export function refuse(message: string): never {
  throw new Fault('malformed-request', message);
}
