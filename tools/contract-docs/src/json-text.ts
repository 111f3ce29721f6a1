/** Values of the wire as JSON, broken into lines where they are long. */
import { fromBytes, isUtf8, toText } from '@cooper/byte-string';

const width = 100;

/** What JSON has for `value`. Bytes that are UTF-8 are strings, others `{"base64": "…"}`: as `cooper call` takes them. */
export function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return jsonBytes(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toJson(field)]));
}

function jsonBytes(bytes: Uint8Array): unknown {
  const text = fromBytes(bytes);
  return isUtf8(text) ? toText(text) : { base64: Buffer.from(bytes).toString('base64') };
}

/** `value`, which is JSON, in lines; `indent` is that of what is inside. */
export function jsonLines(value: unknown, indent = 0): string {
  const whole = JSON.stringify(value);
  if (whole.length + indent <= width || typeof value !== 'object' || value === null) return whole;
  const inner = ' '.repeat(indent + 2);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const parts = Array.isArray(value)
    ? value.map((item) => jsonLines(item, indent + 2))
    : Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${jsonLines(field, indent + 2)}`);
  return `${open}\n${parts.map((part) => `${inner}${part}`).join(',\n')}\n${' '.repeat(indent)}${close}`;
}
