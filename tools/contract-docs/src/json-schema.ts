/** From our schemas to JSON Schema (2020-12), for implementers whose tools read that. Bytes appear as a format. */
import type { Schema, SchemaNode } from '@cooper/contracts';

export type JsonSchema = { readonly [key: string]: unknown };

/** The JSON Schema of `schema`. A byte string is `{"type": "string", "format": "bytes"}`: on the wire it is a MessagePack bin. */
export function toJsonSchema(schema: Schema): JsonSchema {
  const about = schema.node.about;
  return { ...describe(schema.node), ...(about === undefined ? {} : { description: about }) };
}

function describe(node: SchemaNode): JsonSchema {
  switch (node.kind) {
    case 'text':
      return {
        type: 'string',
        maxLength: node.maxLength,
        ...(node.pattern === undefined ? {} : { pattern: node.pattern.source }),
      };
    case 'bytes':
      return { type: 'string', format: 'bytes', maxLength: node.maxLength };
    case 'integer':
    case 'number':
      return { type: node.kind, minimum: node.minimum, maximum: node.maximum };
    case 'boolean':
      return { type: 'boolean' };
    case 'literal':
      return { enum: [...node.values] };
    case 'nullable':
      return { anyOf: [toJsonSchema(node.of), { type: 'null' }] };
    case 'list':
      return { type: 'array', items: toJsonSchema(node.of) };
    case 'record':
      return recordSchema(node);
    case 'union':
      return { oneOf: Array.from(node.variants, ([word, variant]) => variantSchema(node.tag, word, variant)) };
  }
}

function recordSchema(node: Extract<SchemaNode, { kind: 'record' }>): JsonSchema {
  const fields = [...node.fields];
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, { schema }]) => [name, toJsonSchema(schema)])),
    required: fields.filter(([, { optional }]) => !optional).map(([name]) => name),
  };
}

function variantSchema(tag: string, word: string, variant: Schema): JsonSchema {
  const { properties, required } = toJsonSchema(variant) as { properties: object; required: readonly string[] };
  return { type: 'object', properties: { [tag]: { const: word }, ...properties }, required: [tag, ...required] };
}

/** A type in a few words, for tables: `list of text`, `integer`, `one of a, b`. */
export function inWords({ node }: Schema): string {
  switch (node.kind) {
    case 'literal':
      return `one of ${node.values.map((value) => `\`${value}\``).join(', ')}`;
    case 'nullable':
      return `${inWords(node.of)}, or nil`;
    case 'list':
      return `list of ${inWords(node.of)}`;
    case 'record':
      return `{ ${Array.from(node.fields, ([name, { optional }]) => `${name}${optional ? '?' : ''}`).join(', ')} }`;
    case 'union':
      return `by \`${node.tag}\`: ${[...node.variants.keys()].map((word) => `\`${word}\``).join(', ')}`;
    case 'text':
      return node.about ?? node.kind;
    default:
      return node.about === undefined ? node.kind : `${node.kind}: ${node.about}`;
  }
}
