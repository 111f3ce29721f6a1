/** What the daemon says between a request and its reply. */
import { type ByteString, fromBytes } from '@cooper/byte-string';
import type { FieldWriter } from './field-writer.ts';
import { messageCodes } from './numbers.ts';
import { type Reading, readBytes, readInteger, refuse } from './reading.ts';

export type Message =
  /** Text for people, and lines of the build trace. */
  | { readonly message: 'next'; readonly text: Uint8Array }
  /** The daemon wants at most so many bytes, as one string; one of no bytes means the end. */
  | { readonly message: 'read'; readonly most: number }
  /** Bytes for the client. */
  | { readonly message: 'write'; readonly data: Uint8Array }
  /** The reply follows. */
  | { readonly message: 'last' }
  /** The request failed. Clients with a minor version before 8 get no status. */
  | { readonly message: 'error'; readonly text: ByteString; readonly status: number };

/** The most bytes of one message: the reference sends 64 KiB, and error texts of any length. */
const maxMessage = 1024 * 1024;

const statusSince = 8;

export function* readMessage(minor: number): Reading<Message> {
  const code = yield* readInteger();
  switch (code) {
    case messageCodes.next:
      return { message: 'next', text: yield* readBytes(maxMessage) };
    case messageCodes.read:
      return { message: 'read', most: yield* readInteger() };
    case messageCodes.write:
      return { message: 'write', data: yield* readBytes(maxMessage) };
    case messageCodes.last:
      return { message: 'last' };
    case messageCodes.error: {
      const text = fromBytes(yield* readBytes(maxMessage));
      return { message: 'error', text, status: minor >= statusSince ? yield* readInteger() : 1 };
    }
    default:
      return refuse(`message 0x${code.toString(16)} is none of the protocol`);
  }
}

export function writeMessage(writer: FieldWriter, message: Message, minor: number): void {
  writer.integer(messageCodes[message.message]);
  if (message.message === 'next') writer.bytes(message.text);
  else if (message.message === 'read') writer.integer(message.most);
  else if (message.message === 'write') writer.bytes(message.data);
  else if (message.message === 'error') {
    writer.string(message.text);
    if (minor >= statusSince) writer.integer(message.status);
  }
}
