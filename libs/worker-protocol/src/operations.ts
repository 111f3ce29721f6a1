/**
 * The operations: number, arguments and reply of each, under the names that Guix's client has for them. Those in which
 * bytes of any length follow the arguments, or come before the reply, say so.
 */
import {
  bytes,
  type Codec,
  integer,
  list,
  long,
  nothing,
  pairs,
  type RecordOf,
  record,
  since,
  string,
  strings,
  type ValueOf,
} from './codec.ts';
import { sessionOptions } from './set-options.ts';

interface Shape<A, R> {
  readonly number: number;
  readonly arguments: Codec<A>;
  readonly reply: Codec<R>;
}

function operation<const F extends Record<string, Codec<unknown>>, R>(
  number: number,
  fields: F,
  reply: Codec<R>,
): Shape<RecordOf<F>, R> {
  return { number, arguments: record(fields), reply };
}

const path = { path: string };
const paths = { paths: strings };

/** What a cache offers for a path. */
const substitutable = record({
  path: string,
  deriver: string,
  references: strings,
  downloadSize: long,
  narSize: long,
});

/** The same for one path that was asked for by itself; nothing when no cache has it. */
const oneSubstitutable: Codec<RecordOf<typeof offered> | undefined> = {
  *read(minor) {
    return (yield* integer.read(minor)) === 0 ? undefined : yield* record(offered).read(minor);
  },
  write: (writer, value, minor) => {
    writer.integer(value === undefined ? 0 : 1);
    if (value !== undefined) record(offered).write(writer, value, minor);
  },
};
const offered = { deriver: string, references: strings, downloadSize: long, narSize: since(7, long) };

const pathInfo = record({
  deriver: string,
  /** Hexadecimal, SHA-256 of the archive. */
  hash: string,
  references: strings,
  /** In seconds since 1970. */
  registrationTime: integer,
  narSize: long,
});

const collected = record({ paths: strings, bytesFreed: long, obsolete: long });

export const operations = {
  'valid-path?': operation(1, path, integer),
  'has-substitutes?': operation(3, path, integer),
  'query-path-hash': operation(4, path, string),
  'query-references': operation(5, path, strings),
  'query-referrers': operation(6, path, strings),
  /** An archive follows, as it is. */
  'add-to-store': operation(7, { name: string, obsolete: integer, recursive: integer, hashAlgorithm: string }, string),
  'add-text-to-store': operation(8, { name: string, text: bytes, references: strings }, string),
  'build-things': operation(9, { targets: strings, mode: since(15, integer) }, integer),
  'ensure-path': operation(10, path, integer),
  'add-temp-root': operation(11, path, integer),
  'add-indirect-root': operation(12, { file: string }, integer),
  'sync-with-gc': operation(13, {}, integer),
  'find-roots': operation(14, {}, pairs),
  /** The daemon writes an export. */
  'export-path': operation(16, { path: string, sign: integer }, integer),
  'query-deriver': operation(18, path, string),
  'set-options': { number: 19, arguments: sessionOptions, reply: nothing },
  'collect-garbage': operation(
    20,
    {
      action: integer,
      paths: strings,
      ignoreLiveness: integer,
      maxFreed: long,
      obsolete: integer,
      obsolete2: since(5, integer),
      obsolete3: since(5, integer),
    },
    collected,
  ),
  'query-substitutable-path-info': operation(21, path, oneSubstitutable),
  'query-derivation-outputs': operation(22, path, strings),
  'query-all-valid-paths': operation(23, {}, strings),
  'query-failed-paths': operation(24, {}, strings),
  'clear-failed-paths': operation(25, paths, integer),
  'query-path-info': operation(26, path, pathInfo),
  /** The daemon reads an export. */
  'import-paths': operation(27, {}, strings),
  'query-derivation-output-names': operation(28, path, strings),
  'query-path-from-hash-part': operation(29, { hashPart: string }, string),
  'query-substitutable-path-infos': operation(30, paths, list(substitutable)),
  'query-valid-paths': operation(31, paths, strings),
  'query-substitutable-paths': operation(32, paths, strings),
  'query-valid-derivers': operation(33, path, strings),
  'optimize-store': operation(34, {}, integer),
  'verify-store': operation(35, { checkContents: integer, repair: integer }, integer),
  'built-in-builders': operation(80, {}, strings),
  'substitute-urls': operation(81, {}, strings),
} as const;

export type OperationName = keyof typeof operations;
export type Arguments<N extends OperationName> = ValueOf<(typeof operations)[N]['arguments']>;
export type Reply<N extends OperationName> = ValueOf<(typeof operations)[N]['reply']>;

const byNumber: ReadonlyMap<number, OperationName> = new Map(
  (Object.keys(operations) as OperationName[]).map((name) => [operations[name].number, name]),
);

/** The operation with this number; nothing when there is none. */
export function operationWith(number: number): OperationName | undefined {
  return byNumber.get(number);
}

/** Both directions of an operation, its types forgotten. */
export interface AnyShape {
  readonly number: number;
  readonly arguments: Codec<unknown>;
  readonly reply: Codec<unknown>;
}

/** The operation called `name`, for code that deals with all of them alike. */
export function shapeOf(name: OperationName): AnyShape {
  return operations[name] as unknown as AnyShape;
}
