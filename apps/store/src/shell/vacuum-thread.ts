/** The thread that checks the database and writes it anew: see vacuum.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { Vacuumed } from './vacuum.ts';

/** How long, in ms, it waits for other programs that write. */
const patience = 10 * 60_000;

const database = new Database(workerData as string, { timeout: patience });
try {
  parentPort?.postMessage(vacuum());
} finally {
  database.close();
}

function vacuum(): Vacuumed {
  const problems = [...check('integrity_check'), ...check('foreign_key_check')];
  if (problems.length > 0) return { problems };
  const before = size();
  database.exec('vacuum');
  database.pragma('wal_checkpoint(truncate)');
  return { before, after: size() };
}

function check(name: 'integrity_check' | 'foreign_key_check'): string[] {
  const rows = database.pragma(name) as readonly Record<string, unknown>[];
  return rows.map((row) => Object.values(row).join(' ')).filter((text) => text !== 'ok');
}

function size(): number {
  const number = (name: string) => Number(database.pragma(name, { simple: true }));
  return number('page_count') * number('page_size');
}
