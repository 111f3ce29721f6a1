/**
 * The database, opened: one connection, of the only process that writes it. Other programs may read it meanwhile (it is in
 * write-ahead mode), and a guix-daemon may have made it.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Fault } from '@cooper/fault';
import Database from 'better-sqlite3';
import { schema, schemaVersion } from './schema.ts';

export type Connection = Database.Database;

/** How long, in ms, to wait for a lock of another program: as long as the reference does. */
const busyTimeout = 60 * 60 * 1000;

/** Ballast that gives way when the disk is full, so that paths can still be removed. */
const reserve = 8 * 1024 * 1024;

/** Opens the database in `directory`, making it if it is not there. Faults: `unknown-schema`, `read-only-store`, `database-failed`. */
export function openDatabase(directory: string): Connection {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    checkSchema(directory);
    const connection = new Database(`${directory}/db.sqlite`, { timeout: busyTimeout });
    prepare(connection);
    return connection;
  } catch (error) {
    throw databaseFault(directory, error);
  }
}

function checkSchema(directory: string): void {
  const file = `${directory}/schema`;
  if (!existsSync(file)) {
    writeFileSync(file, String(schemaVersion), { mode: 0o644 });
    writeFileSync(`${directory}/reserved`, Buffer.alloc(reserve, 'X'), { mode: 0o644 });
    return;
  }
  const found = readFileSync(file, 'utf8').trim();
  if (found !== String(schemaVersion)) {
    throw new Fault(
      'unknown-schema',
      `the database in ${directory} has schema ${found || '(empty)'}; this program knows ${schemaVersion}`,
      {
        directory,
        found,
        known: schemaVersion,
      },
    );
  }
}

function prepare(connection: Connection): void {
  connection.pragma('journal_mode = wal');
  connection.pragma('synchronous = normal');
  connection.pragma('foreign_keys = on');
  connection.pragma('wal_autocheckpoint = 40000');
  connection.exec(schema);
}

function databaseFault(directory: string, error: unknown): Error {
  if (error instanceof Fault) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (['EROFS', 'EACCES', 'EPERM', 'SQLITE_READONLY', 'SQLITE_CANTOPEN'].some((word) => code.startsWith(word))) {
    return new Fault(
      'read-only-store',
      `cannot write the database in ${directory}: ${message}`,
      { directory },
      { cause: error },
    );
  }
  return new Fault(
    'database-failed',
    `the database in ${directory} cannot be used: ${message}`,
    { directory },
    { cause: error },
  );
}
