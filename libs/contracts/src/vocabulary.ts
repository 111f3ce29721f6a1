/** The values that several contracts speak of, each declared once. */
import type { StorePath } from '@cooper/store-path';
import { bytes, integer, list, literal, nullable, record, type Schema, type Static, text } from './schema.ts';

/**
 * A store path: the whole path of a store item, such as `/gnu/store/<32 letters of base 32>-<name>`. The check is one of
 * shape only; each process holds it against its own store directory before use.
 */
export const storePath = text({
  pattern: /^\/.*\/[0-9a-df-np-sv-z]{32}-[A-Za-z0-9+\-._?=]{1,211}$/,
  maxLength: 4096,
  about: 'a store path',
}) as Schema<StorePath>;

export const storePaths = list(storePath);

/** What a call that is about paths takes or gives. */
export const paths = record({ paths: storePaths });

/** No parameters, or an answer that says only that it is done. */
export const nothing = record({});

/** A NAR hash as the database holds it: `sha256:` and 64 hexadecimal digits. */
export const narHash = text({ pattern: /^sha256:[0-9a-f]{64}$/, maxLength: 71, about: 'sha256: and 64 hex digits' });

/** The name of an output of a derivation, such as `out`. */
export const outputName = text({ maxLength: 211 });

/** A time: milliseconds since 1970 began, UTC. */
export const time = integer({ about: 'milliseconds since 1970-01-01T00:00:00Z' });

/** What the store knows of a valid path. `registrationTime` is in seconds, as the database has it. */
export const pathInfo = record({
  path: storePath,
  narHash,
  narSize: integer({ about: 'bytes' }),
  references: storePaths,
  deriver: nullable(storePath),
  registrationTime: integer({ about: 'seconds since 1970-01-01T00:00:00Z' }),
});

/** An output of a derivation, and the path it has to have. */
export const output = record({ name: outputName, path: storePath });

/**
 * A one-use ticket for bulk bytes: connect to the Unix socket at `socket`, send `ticket` and a line feed, then write (or
 * read) the bytes, raw, until end-of-file. The call that gave the ticket answers when the bytes have been dealt with.
 */
export const ticket = record({ socket: bytes(), ticket: text({ maxLength: 64 }) });

/** What to do with outputs that are there already. */
export const buildMode = literal('normal', 'repair', 'check');

export type PathInfo = Static<typeof pathInfo>;
export type OutputPath = Static<typeof output>;
export type Ticket = Static<typeof ticket>;
export type BuildMode = Static<typeof buildMode>;
