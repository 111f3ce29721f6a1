/** Parameters of a call as JSON: what `cooper call` takes. Bytes are strings (UTF-8) or `{"base64": "…"}`. */
import type { Schema } from '@cooper/contracts';

/** `value`, as JSON has it, in the form that the contract wants. Whether it fits is for the process to say. */
export function fromJson({ node }: Schema, value: unknown): unknown {
  switch (node.kind) {
    case 'bytes':
      return toBytes(value);
    case 'nullable':
      return value === null ? null : fromJson(node.of, value);
    case 'list':
      return Array.isArray(value) ? value.map((item) => fromJson(node.of, item)) : value;
    case 'record':
      return fromRecord(value, (name) => node.fields.get(name)?.schema);
    case 'union': {
      const variant = isRecord(value) ? node.variants.get(String(value[node.tag])) : undefined;
      return variant === undefined ? value : fromJson(variant, value);
    }
    default:
      return value;
  }
}

function fromRecord(value: unknown, schemaOf: (name: string) => Schema | undefined): unknown {
  if (!isRecord(value)) return value;
  const fields = Object.entries(value).map(([name, field]) => {
    const schema = schemaOf(name);
    return [name, schema === undefined ? field : fromJson(schema, field)];
  });
  return Object.fromEntries(fields);
}

function toBytes(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value);
  if (isRecord(value) && typeof value['base64'] === 'string') return Buffer.from(value['base64'], 'base64');
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
