/** Both directions of a field, declared once. */
import type { ByteString } from '@cooper/byte-string';
import type { FieldWriter } from './field-writer.ts';
import {
  maxText,
  type Reading,
  readBytes,
  readInteger,
  readLong,
  readPairs,
  readString,
  readStrings,
} from './reading.ts';

/** How a value of type `T` stands on the wire, in a session of this minor version. */
export interface Codec<T> {
  read(minor: number): Reading<T>;
  write(writer: FieldWriter, value: T, minor: number): void;
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never;

/** A number of 32 bits; also what stands for true (1) and false (0). */
export const integer: Codec<number> = {
  read: readInteger,
  write: (writer, value) => void writer.integer(value),
};

export const long: Codec<bigint> = { read: readLong, write: (writer, value) => void writer.long(value) };

export const string: Codec<ByteString> = { read: readString, write: (writer, value) => void writer.string(value) };

/** The contents of a file. */
export const bytes: Codec<Buffer> = {
  read: () => readBytes(maxText),
  write: (writer, value) => void writer.bytes(value),
};

export const strings: Codec<readonly ByteString[]> = {
  read: readStrings,
  write: (writer, values) => void writer.strings(values),
};

export const pairs: Codec<readonly (readonly [ByteString, ByteString])[]> = {
  read: readPairs,
  write: (writer, values) => void writer.pairs(values),
};

/** No bytes at all. */
export const nothing: Codec<undefined> = {
  // biome-ignore lint/correctness/useYield: it needs no bytes
  *read() {
    return undefined;
  },
  write: () => undefined,
};

/** A field that is there only in sessions whose minor version is `first` or later. */
export function since<T>(first: number, codec: Codec<T>): Codec<T | undefined> {
  return when((minor) => minor >= first, codec);
}

/** A field that is there only in sessions whose minor version is `first` or later, and before `end`. */
export function between<T>(first: number, end: number, codec: Codec<T>): Codec<T | undefined> {
  return when((minor) => minor >= first && minor < end, codec);
}

function when<T>(isThere: (minor: number) => boolean, codec: Codec<T>): Codec<T | undefined> {
  return {
    *read(minor) {
      return isThere(minor) ? yield* codec.read(minor) : undefined;
    },
    write: (writer, value, minor) => {
      if (isThere(minor)) codec.write(writer, value as T, minor);
    },
  };
}

type Fields = Readonly<Record<string, Codec<unknown>>>;

export type RecordOf<F> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** Fields one after the other, in the order of the keys. */
export function record<const F extends Record<string, Codec<unknown>>>(fields: F): Codec<RecordOf<F>> {
  const entries = Object.entries(fields as Fields);
  return {
    *read(minor) {
      const values: Record<string, unknown> = {};
      for (const [name, codec] of entries) values[name] = yield* codec.read(minor);
      return values as RecordOf<F>;
    },
    write: (writer, value, minor) => {
      for (const [name, codec] of entries) codec.write(writer, value[name as keyof F], minor);
    },
  };
}

/** A count, and so many of `codec`. */
export function list<T>(codec: Codec<T>): Codec<readonly T[]> {
  return {
    *read(minor) {
      const values: T[] = [];
      for (let count = yield* readInteger(); count > 0; count--) values.push(yield* codec.read(minor));
      return values;
    },
    write: (writer, values, minor) => {
      writer.integer(values.length);
      for (const value of values) codec.write(writer, value, minor);
    },
  };
}
