/** Answers, before they are sent. */
import type { Writable } from 'node:stream';

/** Writes a body to its end; what it throws cuts it off, so that nobody takes it for whole. */
export type BodyWriter = (sink: Writable, signal: AbortSignal) => Promise<void>;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | BodyWriter;
}

/** Headers of requests that answers depend on. */
export interface Conditions {
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly acceptEncoding: string;
}

/** A short text. */
export function textAnswer(status: number, text: string, headers: Answer['headers'] = {}): Answer {
  return { status, headers: { 'content-type': 'text/plain;charset=utf-8', ...headers }, body: text };
}

/** Clients may remember an answer for so many seconds. */
export function lifetime(seconds: number): Answer['headers'] {
  return { 'cache-control': `max-age=${seconds}` };
}
