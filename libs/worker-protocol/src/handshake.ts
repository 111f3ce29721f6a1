/** How a session begins: the client's words, the daemon's, and the client's again. */
import type { FieldWriter } from './field-writer.ts';
import { clientMagic, daemonMagic, majorOf, minorOf, protocolVersion } from './numbers.ts';
import { type Reading, readInteger, refuse } from './reading.ts';

/** What a client says of itself. */
export interface ClientGreeting {
  readonly version: number;
  /** The processor on which it wants to be served; nothing when any will do. */
  readonly processor: number | undefined;
  /** Whether disk space is to be kept in reserve, for collections on a full disk. Absent before minor version 11. */
  readonly reserveSpace: number | undefined;
}

const affinitySince = 14;
const reserveSince = 11;

/** The daemon's side, first part: what every client begins with. */
export function* readClientMagic(): Reading<void> {
  if ((yield* readInteger()) !== clientMagic) refuse('protocol mismatch');
}

/** The daemon's answer to that. */
export function writeDaemonGreeting(writer: FieldWriter, version = protocolVersion): void {
  writer.integer(daemonMagic).integer(version);
}

/** The daemon's side, second part. The messages `last` or `error` answer it. */
export function* readClientGreeting(): Reading<ClientGreeting> {
  const version = yield* readInteger();
  if (majorOf(version) !== majorOf(protocolVersion)) refuse('the client has another major version of the protocol');
  const minor = minorOf(version);
  const wantsProcessor = minor >= affinitySince && (yield* readInteger()) !== 0;
  const processor = wantsProcessor ? yield* readInteger() : undefined;
  return { version, processor, reserveSpace: minor >= reserveSince ? yield* readInteger() : undefined };
}

/** The client's side, first part. */
export function writeClientMagic(writer: FieldWriter): void {
  writer.integer(clientMagic);
}

/** The daemon's version. */
export function* readDaemonGreeting(): Reading<number> {
  if ((yield* readInteger()) !== daemonMagic) refuse('protocol mismatch');
  const version = yield* readInteger();
  if (majorOf(version) !== majorOf(protocolVersion)) refuse('the daemon has another major version of the protocol');
  return version;
}

/** The client's side, second part. */
export function writeClientGreeting(writer: FieldWriter, greeting: ClientGreeting): void {
  const minor = minorOf(greeting.version);
  writer.integer(greeting.version);
  if (minor >= affinitySince) writer.boolean(greeting.processor !== undefined);
  if (minor >= affinitySince && greeting.processor !== undefined) writer.integer(greeting.processor);
  if (minor >= reserveSince) writer.integer(greeting.reserveSpace ?? 1);
}
