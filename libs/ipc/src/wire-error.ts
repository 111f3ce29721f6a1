/** Faults as messages carry them, and back. */
import { Fault } from '@cooper/fault';
import type { WireError } from './envelope.ts';

/** The longest text of an error that is sent, in characters: a message for people, not a way to move data. */
const longestText = 16_384;

/** How deep lists and maps among the facts may nest. */
const deepestFact = 3;

/** `fault` as data: facts that the wire has no form for become text. */
export function toWireError({ code, message, facts }: Fault): WireError {
  return { code, message: shorten(message), data: plain(facts, 0) };
}

/** The fault that an error of the peer stands for. */
export function fromWireError({ code, message, data }: WireError): Fault {
  return new Fault(code, message, isRecord(data) ? data : {});
}

function plain(value: unknown, depth: number): unknown {
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return value;
  if (Number.isSafeInteger(value)) return value;
  if (depth <= deepestFact && Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (depth <= deepestFact && isRecord(value)) {
    const present = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(present.map(([name, field]) => [name, plain(field, depth + 1)]));
  }
  return shorten(String(value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function shorten(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}
