/**
 * MessagePack as the contracts use it: maps are records, bytes are bin, integers are exact, text is well-formed Unicode.
 * What `encode` gives, `decode` takes; what the wire cannot carry (fractions, functions, dates) is a bug of the sender.
 */
import { Packr, RESERVE_START_SPACE } from 'msgpackr';
import { inspect } from './inspection.ts';

/** `auto` (a number where it is exact, else a bigint) is missing from the library's types, not from the library. */
const int64AsType = 'auto' as 'bigint';

const packr = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType, encodeUndefinedAsNil: true });

/**
 * The value in `message`. Integers past 2^53 are bigints; byte strings are views of the message. Throws the fault
 * `malformed-message`.
 */
export function decode(message: Buffer): unknown {
  inspect(message);
  return packr.unpack(message);
}

/**
 * `value` as a message, with room for `before` bytes (at most 255) in front. Fields that are undefined are left out;
 * halves of surrogate pairs become U+FFFD, for UTF-8 has no form for them.
 */
export function encode(value: unknown, before = 0): Buffer {
  // The types know no number but a few; the library adds what is below 256.
  return packr.pack(sendable(value), (RESERVE_START_SPACE + before) as number);
}

/** The largest and smallest integers that msgpackr does not write as floating point. */
const maxPlain = 0xffffffff;
const minPlain = -0x80000000;

/** The same value as the library writes it right. Copies only what changes. */
function sendable(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? value : value.toWellFormed();
    case 'number':
      return value >= minPlain && value <= maxPlain && Number.isInteger(value) ? value : BigInt(value);
    case 'object':
      return sendableObject(value);
    case 'function':
    case 'symbol':
      throw new TypeError(`a ${typeof value} cannot be sent`);
    default:
      return value;
  }
}

function sendableObject(value: object | null): unknown {
  if (value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return sendableList(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`a ${value.constructor.name} cannot be sent`);
  }
  return sendableRecord(value as Record<string, unknown>);
}

function sendableList(list: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    const changed = sendable(item);
    if (changed === item) continue;
    copy ??= [...list];
    copy[index] = changed;
  }
  return copy ?? list;
}

function sendableRecord(record: Record<string, unknown>): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const name in record) {
    const field = record[name];
    const changed = sendable(field);
    if (changed === field && changed !== undefined) continue;
    copy ??= { ...record };
    if (changed === undefined) delete copy[name];
    else copy[name] = changed;
  }
  return copy ?? record;
}
