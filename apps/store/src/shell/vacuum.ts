/** Checks the database and makes its file as small as can be, in a thread: it takes seconds where the store is large. */
import { Worker } from 'node:worker_threads';
import { Fault } from '@cooper/fault';
import type { Transactions } from './transactions.ts';

/** Sizes in bytes; or what is wrong with the database. */
export type Vacuumed = { readonly before: number; readonly after: number } | { readonly problems: readonly string[] };

/** How many problems are told. */
const most = 10;

/** Does it when nothing else is being written. Throws the fault `database-corrupt`, with nothing changed. */
export async function vacuumDatabase(
  databaseDir: string,
  transactions: Transactions,
): Promise<{ readonly before: number; readonly after: number }> {
  const vacuumed = await transactions.without(() => inThread(`${databaseDir}/db.sqlite`));
  if ('before' in vacuumed) return vacuumed;
  const problems = vacuumed.problems.slice(0, most);
  const message = `the database in ${databaseDir} is damaged: ${problems.join('; ')}`;
  throw new Fault('database-corrupt', message, { databaseDir, problems });
}

function inThread(file: string): Promise<Vacuumed> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('vacuum-thread.ts', import.meta.url), { name: 'vacuum', workerData: file });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('the vacuum thread ended early')));
  });
}
