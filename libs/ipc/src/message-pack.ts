/** MessagePack as the contracts use it: maps are records, bytes are bin, integers are exact. */
import { Packr } from 'msgpackr';
import { inspect } from './inspection.ts';

/** `auto` (a number where it is exact, else a bigint) is missing from the library's types, not from the library. */
const int64AsType = 'auto' as 'bigint';

const packr = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType, encodeUndefinedAsNil: true });

/** The value in `message`. Integers past 2^53 are bigints. Throws the fault `malformed-message`. */
export function decode(message: Buffer): unknown {
  inspect(message);
  return packr.unpack(message);
}

/** `value` as a message. Fields that are undefined are left out. */
export function encode(value: unknown): Buffer {
  return packr.pack(withExactIntegers(value));
}

/** The largest integer that msgpackr does not write as floating point. */
const maxPlain = 0xffffffff;

/** The same value with large integers as bigints, which msgpackr writes as integers. Copies only what changes. */
function withExactIntegers(value: unknown): unknown {
  if (typeof value === 'number') return isLarge(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Array.isArray(value) ? exactList(value) : exactRecord(value as Record<string, unknown>);
}

function isLarge(value: number): boolean {
  return Number.isInteger(value) && (value > maxPlain || value < -0x80000000);
}

function exactList(list: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const exact = withExactIntegers(list[index]);
    if (exact === list[index]) continue;
    copy ??= [...list];
    copy[index] = exact;
  }
  return copy ?? list;
}

function exactRecord(record: Record<string, unknown>): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(record)) {
    const exact = withExactIntegers(record[name]);
    if (exact === record[name] && exact !== undefined) continue;
    copy ??= { ...record };
    if (exact === undefined) delete copy[name];
    else copy[name] = exact;
  }
  return copy ?? record;
}
