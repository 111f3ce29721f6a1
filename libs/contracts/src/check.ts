/** The run-time check of values against schemas: throws a fault that names the field and what was expected there. */
import { Fault } from '@cooper/fault';
import type { Schema, SchemaNode } from './schema.ts';

/**
 * Checks that `value` is what `schema` describes, and gives it its type. Unknown fields of records are ignored.
 * Throws the fault `invalid-request`, whose message names the place, such as `params.paths[3]`.
 */
export function check<T>(schema: Schema<T>, value: unknown, place: string): T {
  checkNode(schema.node, value, place);
  return value as T;
}

type Node<K extends SchemaNode['kind']> = Extract<SchemaNode, { kind: K }>;
type Checks = { readonly [K in SchemaNode['kind']]: (node: Node<K>, value: unknown, place: string) => void };

const checks: Checks = {
  text: checkText,
  bytes: checkBytes,
  integer: checkInteger,
  number: checkNumber,
  boolean: (_node, value, place) => {
    if (typeof value !== 'boolean') refuse(place, 'a boolean', value);
  },
  literal: (node, value, place) => {
    if (typeof value !== 'string' || !node.values.includes(value)) refuse(place, listWords(node.values), value);
  },
  nullable: (node, value, place) => {
    if (value !== null) checkNode(node.of.node, value, place);
  },
  list: checkList,
  record: checkRecord,
  union: checkUnion,
};

function checkNode(node: SchemaNode, value: unknown, place: string): void {
  (checks[node.kind] as (node: SchemaNode, value: unknown, place: string) => void)(node, value, place);
}

function checkText(node: Node<'text'>, value: unknown, place: string): void {
  if (typeof value !== 'string') refuse(place, 'text', value);
  if (value.length > node.maxLength) refuse(place, `at most ${node.maxLength} characters`, value);
  if (node.pattern !== undefined && !node.pattern.test(value)) refuse(place, node.about ?? `${node.pattern}`, value);
}

function checkBytes(node: Node<'bytes'>, value: unknown, place: string): void {
  if (!(value instanceof Uint8Array)) refuse(place, 'bytes', value);
  if (value.length > node.maxLength) refuse(place, `at most ${node.maxLength} bytes`, value);
}

function checkInteger(node: Node<'integer'>, value: unknown, place: string): void {
  if (!Number.isSafeInteger(value)) refuse(place, 'an integer', value);
  const number = value as number;
  if (number < node.minimum || number > node.maximum) refuse(place, `${node.minimum} to ${node.maximum}`, value);
}

function checkNumber(node: Node<'number'>, value: unknown, place: string): void {
  if (typeof value !== 'number') refuse(place, 'a number', value);
  if (!(value >= node.minimum && value <= node.maximum)) refuse(place, `${node.minimum} to ${node.maximum}`, value);
}

function checkList(node: Node<'list'>, value: unknown, place: string): void {
  if (!Array.isArray(value)) refuse(place, 'a list', value);
  if (value.length > node.maxLength) refuse(place, `at most ${node.maxLength} items`, value);
  for (let index = 0; index < value.length; index++) checkNode(node.of.node, value[index], `${place}[${index}]`);
}

function checkRecord(node: Node<'record'>, value: unknown, place: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    refuse(place, 'a map', value);
  }
  for (const [name, { schema, optional }] of node.fields) {
    const present = Object.hasOwn(value, name);
    if (!present && !optional) refuse(join(place, name), 'a value', undefined);
    if (present) checkNode(schema.node, (value as Record<string, unknown>)[name], join(place, name));
  }
}

function checkUnion(node: Node<'union'>, value: unknown, place: string): void {
  const tag = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[node.tag] : undefined;
  const variant = typeof tag === 'string' ? node.variants.get(tag) : undefined;
  if (variant === undefined) refuse(join(place, node.tag), listWords([...node.variants.keys()]), tag);
  checkNode(variant.node, value, place);
}

function join(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`;
}

function listWords(words: readonly string[]): string {
  return `one of ${words.join(', ')}`;
}

function refuse(place: string, expected: string, value: unknown): never {
  throw new Fault('invalid-request', `${place}: expected ${expected}, got ${describe(value)}`, { place, expected });
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'a map' : String(value);
}
