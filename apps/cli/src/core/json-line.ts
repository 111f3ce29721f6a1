/**
 * Events as lines of JSON: what `--json` prints.
 *
 * Bytes that are UTF-8 are strings; others are `{"base64": "…"}`, so that nothing is lost and nothing is guessed. A log
 * is cut where its chunks end, never inside a character.
 */
import { fromBytes, isUtf8, toText } from '@cooper/byte-string';
import type { SchedulerEvent } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';

/** Bytes as a JSON value. */
export type JsonBytes = string | { readonly base64: string };

/** `value` on one line, ended. Characters that could steer a terminal are escaped, those that JSON lets through, too. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value, replaceBytes);
  return `${text.replace(/[\x7f-\x9f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)}\n`;
}

/** `this` is the object that has the key: what it holds there has not gone through `Buffer.prototype.toJSON`. */
function replaceBytes(this: unknown, key: string, value: unknown): unknown {
  const item = (this as Record<string, unknown>)[key];
  return item instanceof Uint8Array ? jsonBytes(item) : value;
}

/** How bytes are shown. */
export function jsonBytes(bytes: Uint8Array): JsonBytes {
  const text = fromBytes(bytes);
  return isUtf8(text) ? toText(text) : { base64: Buffer.from(bytes).toString('base64') };
}

/** Turns events into lines; remembers the halves of characters at the ends of log chunks. */
export class JsonEvents {
  readonly #cut = new Map<StorePath, Uint8Array>();

  lines(event: SchedulerEvent): string {
    if (event.event === 'build-log') return this.#logLine(event);
    const ends = event.event === 'build-succeeded' || event.event === 'build-failed';
    return (ends ? this.#restLine(event.derivation) : '') + jsonLine(event);
  }

  #logLine(event: Extract<SchedulerEvent, { event: 'build-log' }>): string {
    const { derivation } = event;
    const data = Buffer.concat([this.#cut.get(derivation) ?? new Uint8Array(), event.data]);
    const end = data.length - unfinishedCharacter(data);
    this.#cut.set(derivation, data.subarray(end));
    return end === 0 ? '' : jsonLine({ ...event, data: data.subarray(0, end) });
  }

  #restLine(derivation: StorePath): string {
    const data = this.#cut.get(derivation);
    this.#cut.delete(derivation);
    return data === undefined || data.length === 0 ? '' : jsonLine({ event: 'build-log', derivation, data });
  }
}

/** How many bytes at the end of `bytes` begin a UTF-8 character that is not whole: 0 to 3. */
function unfinishedCharacter(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return length < characterLength(byte) ? length : 0;
  }
  return 0;
}

function characterLength(first: number): number {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}
