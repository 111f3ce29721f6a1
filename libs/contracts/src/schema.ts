/**
 * Schemas: one declaration that gives the static type, the run-time check and the published JSON Schema of a value that
 * crosses a contract. The values are those of MessagePack, not of JSON: byte strings are a kind of their own, and
 * integers are exact (past 2^53 the wire has a bigint, which `integer` refuses).
 *
 * Why not a schema library: docs/decisions/0002-own-schemas.md.
 */

declare const staticType: unique symbol;

/** A description of values of type `T`. Made by the functions below, read by check.ts and by tools/contract-docs. */
export interface Schema<T = unknown> {
  readonly node: SchemaNode;
  /** Never present at run time: it only carries `T` to the compiler. */
  readonly [staticType]?: T;
}

/** What a schema says, as data. */
export type SchemaNode = { readonly about?: string } & (
  | { readonly kind: 'text'; readonly pattern?: RegExp; readonly maxLength: number }
  | { readonly kind: 'bytes'; readonly maxLength: number }
  | { readonly kind: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'number'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'literal'; readonly values: readonly string[] }
  | { readonly kind: 'nullable'; readonly of: Schema }
  | { readonly kind: 'list'; readonly of: Schema; readonly maxLength: number }
  | { readonly kind: 'record'; readonly fields: ReadonlyMap<string, Field> }
  | { readonly kind: 'union'; readonly tag: string; readonly variants: ReadonlyMap<string, Schema> }
);

/** One field of a record. An optional field may be absent; it is never `undefined` or nil instead. */
export interface Field<T = unknown, Optional extends boolean = boolean> {
  readonly schema: Schema<T>;
  readonly optional: Optional;
}

/** The type of the values that a schema describes. */
export type Static<S> = S extends Schema<infer T> ? T : never;

/** The longest text and byte string that a field may hold unless it says otherwise: the size of a frame. */
const frameSize = 16 * 1024 * 1024;

/** Text (MessagePack str, UTF-8). `pattern` must match the whole text and must not backtrack. */
export function text(options: { pattern?: RegExp; maxLength?: number; about?: string } = {}): Schema<string> {
  return { node: { kind: 'text', maxLength: frameSize, ...options } };
}

/** Bytes (MessagePack bin): file names, arguments, environment values, log data. */
export function bytes(options: { maxLength?: number; about?: string } = {}): Schema<Uint8Array> {
  return { node: { kind: 'bytes', maxLength: frameSize, ...options } };
}

/** An integer between `minimum` (0 unless given) and `maximum` (2^53 - 1 unless given), both included. */
export function integer(options: { minimum?: number; maximum?: number; about?: string } = {}): Schema<number> {
  return { node: { kind: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, ...options } };
}

/** A number between `minimum` and `maximum`, both included: for files that people write. Contracts have integers. */
export function number(options: { minimum: number; maximum: number; about?: string }): Schema<number> {
  return { node: { kind: 'number', ...options } };
}

export function boolean(options: { about?: string } = {}): Schema<boolean> {
  return { node: { kind: 'boolean', ...options } };
}

/** One of a closed set of words. */
export function literal<const V extends readonly string[]>(...values: V): Schema<V[number]> {
  return { node: { kind: 'literal', values } };
}

/** The value, or nil. */
export function nullable<T>(of: Schema<T>): Schema<T | null> {
  return { node: { kind: 'nullable', of } };
}

/** A list (MessagePack array) whose items are all alike. */
export function list<T>(of: Schema<T>, options: { maxLength?: number; about?: string } = {}): Schema<readonly T[]> {
  return { node: { kind: 'list', of, maxLength: frameSize, ...options } };
}

/** Marks a field of a record that may be absent. */
export function optional<T>(schema: Schema<T>): Field<T, true> {
  return { schema, optional: true };
}

type Fields = Readonly<Record<string, Schema | Field>>;
type FieldType<F> = F extends Field<infer T> ? T : F extends Schema<infer T> ? T : never;
type OptionalNames<F> = { [K in keyof F]: F[K] extends Field<unknown, true> ? K : never }[keyof F];
type Flat<T> = { readonly [K in keyof T]: T[K] };

/** The type of a record with these fields. */
export type RecordType<F extends Fields> = Flat<
  { [K in Exclude<keyof F, OptionalNames<F>>]: FieldType<F[K]> } & { [K in OptionalNames<F>]?: FieldType<F[K]> }
>;

/** A record (MessagePack map with text keys). Unknown fields are ignored, so that contracts can grow. */
export function record<const F extends Fields>(fields: F, about?: string): Schema<RecordType<F>> {
  const entries = Object.entries(fields).map(([name, field]) => [name, asField(field)] as const);
  return { node: { kind: 'record', fields: new Map(entries), ...(about === undefined ? {} : { about }) } };
}

function asField(field: Schema | Field): Field {
  return 'node' in field ? { schema: field, optional: false } : field;
}

type Variants = Readonly<Record<string, Fields>>;
type UnionType<Tag extends string, V extends Variants> = {
  [K in keyof V & string]: Flat<{ readonly [T in Tag]: K } & RecordType<V[K]>>;
}[keyof V & string];

/** A record that comes in several shapes, told apart by the word in its field `tag`. */
export function union<const Tag extends string, const V extends Variants>(
  tag: Tag,
  variants: V,
  about?: string,
): Schema<UnionType<Tag, V>> {
  const entries = Object.entries(variants).map(([name, fields]) => [name, record(fields)] as const);
  return { node: { kind: 'union', tag, variants: new Map(entries), ...(about === undefined ? {} : { about }) } };
}
