/**
 * The database, opened: Guix's, so that a guix-daemon may have made it and may use it beside us. Two connections: one
 * reads, and sees what was committed last; one writes, and is held by one registration at a time.
 */
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { Fault } from '@cooper/fault';
import { tryLock } from '@cooper/system-calls';
import Database from 'better-sqlite3';
import { makeBallast } from './ballast.ts';
import { ownSchema, schema, schemaVersion } from './schema.ts';

export type Connection = Database.Database;

export interface OpenDatabase {
  readonly reader: Connection;
  readonly writer: Connection;
  close(): void;
}

/** How long, in ms, a read waits for another program: only while it recovers or replaces the database. */
const readTimeout = 60_000;

/** How large, in bytes, the write-ahead log may stay when it is not needed. */
const logLimit = 8 * 1024 * 1024;

/**
 * Opens the database in `directory`, which exists; makes it where there is none. Throws the faults `unknown-schema` and
 * `database-locked`, with nothing changed, and what SQLite throws.
 */
export function openDatabase(directory: string): OpenDatabase {
  const isNew = !hasKnownSchema(directory);
  takeBigLock(directory);
  makeBallast(directory);
  const writer = connect(directory);
  if (isNew) {
    writer.exec(schema);
    writeFileSync(`${directory}/schema`, String(schemaVersion), { mode: 0o644 });
  }
  writer.exec(ownSchema);
  // Writes wait for other programs without holding up the process: see registrar.ts.
  writer.pragma('busy_timeout = 0');
  const reader = connect(directory);
  reader.pragma('query_only = on');
  return {
    reader,
    writer,
    close: () => {
      reader.close();
      writer.close();
    },
  };
}

function hasKnownSchema(directory: string): boolean {
  const file = `${directory}/schema`;
  if (!existsSync(file)) return false;
  const found = readFileSync(file, 'utf8').trim();
  if (found === String(schemaVersion)) return true;
  const message = `the database in ${directory} has schema \`${found}', supported is ${schemaVersion}`;
  throw new Fault('unknown-schema', message, { directory, found, supported: schemaVersion });
}

/** Shared with other programs that use the database; one that changes its schema holds it alone. Held until we end. */
function takeBigLock(directory: string): void {
  const file = `${directory}/big-lock`;
  if (tryLock(openSync(file, 'a+', 0o600), false)) return;
  const message = `another program has locked ${file}: it is changing the schema of the database`;
  throw new Fault('database-locked', message, { file });
}

function connect(directory: string): Connection {
  const connection = new Database(`${directory}/db.sqlite`, { timeout: readTimeout });
  connection.pragma('journal_mode = wal');
  connection.pragma('synchronous = normal');
  connection.pragma('foreign_keys = on');
  // In pages: each checkpoint holds up the process, so they are small and frequent (the reference has 40,000).
  connection.pragma('wal_autocheckpoint = 1000');
  // What a long read or a large transaction has made of the log is given back at the next checkpoint.
  connection.pragma(`journal_size_limit = ${logLimit}`);
  return connection;
}
