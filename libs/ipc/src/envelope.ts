/** Messages in the manner of MessagePack-RPC, with the notifications that streams and cancelling need. */
import { Fault } from '@cooper/fault';

/** What an error looks like on the wire. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
}

export type Message =
  | { readonly kind: 'request'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly kind: 'response'; readonly id: number; readonly error: WireError | null; readonly result: unknown }
  | { readonly kind: 'item'; readonly id: number; readonly item: unknown }
  | { readonly kind: 'credit'; readonly id: number; readonly n: number }
  | { readonly kind: 'cancel'; readonly id: number };

/** The value that stands for `message` on the wire. */
export function toWire(message: Message): readonly unknown[] {
  switch (message.kind) {
    case 'request':
      return [0, message.id, message.method, message.params];
    case 'response':
      return [1, message.id, message.error, message.result];
    case 'item':
      return [2, '$/item', { id: message.id, item: message.item }];
    case 'credit':
      return [2, '$/credit', { id: message.id, n: message.n }];
    case 'cancel':
      return [2, '$/cancel', { id: message.id }];
  }
}

/**
 * The message that a value stands for; nothing for notifications that we do not know, which are ignored. Throws the
 * fault `malformed-message`.
 */
export function fromWire(value: unknown): Message | undefined {
  if (!Array.isArray(value)) return refuse('not a list');
  if (value[0] === 0 && value.length === 4) return request(value);
  if (value[0] === 1 && value.length === 4) return response(value);
  if (value[0] === 2 && value.length === 3) return notification(value);
  return refuse(`no message of type ${String(value[0])} with ${value.length} parts`);
}

function request([, id, method, params]: readonly unknown[]): Message {
  if (typeof method !== 'string') refuse('the method of a request is not text');
  return { kind: 'request', id: integer(id), method, params };
}

function response([, id, error, result]: readonly unknown[]): Message {
  return { kind: 'response', id: integer(id), error: error === null ? null : wireError(error), result };
}

function wireError(error: unknown): WireError {
  const { code, message, data } = (error ?? {}) as Partial<WireError>;
  if (typeof code !== 'string' || typeof message !== 'string') refuse('an error without code or message');
  return { code, message, data };
}

function notification([, method, params]: readonly unknown[]): Message | undefined {
  const { id, item, n } = (params ?? {}) as { id?: unknown; item?: unknown; n?: unknown };
  if (method === '$/item')
    return { kind: 'item', id: integer(id), item: item === undefined ? refuse('no item') : item };
  if (method === '$/credit') return { kind: 'credit', id: integer(id), n: integer(n) };
  if (method === '$/cancel') return { kind: 'cancel', id: integer(id) };
  return undefined;
}

function integer(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) refuse(`not an id or a count: ${String(value)}`);
  return value as number;
}

function refuse(what: string): never {
  throw new Fault('malformed-message', `malformed message: ${what}`);
}
