/**
 * The thread that finds out what is dead: see marking.ts. It reads the database by a connection of its own, at one moment,
 * and then the store directory; so whatever is registered later is not among what it finds.
 */
import { readdirSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { isStorePath } from '@cooper/store-path';
import Database from 'better-sqlite3';
import { deadPaths } from '../core/dead-paths.ts';
import type { Marked, MarkingOrder } from './marking.ts';
import { portion } from './marking.ts';

interface Row {
  readonly id: number;
  readonly path: string;
  readonly size: number;
}

const order = workerData as MarkingOrder;
const database = new Database(`${order.databaseDir}/db.sqlite`, { readonly: true, timeout: 60_000 });
try {
  database.exec('begin');
  mark();
} finally {
  database.close();
}

function mark(): void {
  const rows = database
    .prepare<[], Row>('select id, path, coalesce(narSize, 0) as size from ValidPaths order by id')
    .all();
  const numbers = new Map(rows.map(({ id }, number) => [id, number]));
  const references = arrows(numbers, 'select referrer, reference from Refs');
  const keeps = arrows(numbers, ...keptBeside(order));
  const wanted = new Set(order.roots);
  const roots = rows.keys().filter((number) => wanted.has((rows[number] as Row).path));
  const dead = deadPaths({ count: rows.length, references, keeps, roots });
  tellAll(
    'dead',
    [...dead].map((number) => rows[number] as Row),
  );
  if (order.wantsLive) tellLive(rows, dead);
  tellAll('leftover', leftovers(new Set(rows.map(({ path }) => path))));
  tell({ type: 'done', total: rows.length });
}

/** The reference's rules: an output keeps the derivation that it names as its deriver, and a derivation its outputs. */
function keptBeside({ keepDerivations, keepOutputs }: MarkingOrder): string[] {
  const from =
    'from DerivationOutputs o cross join ValidPaths d on d.id = o.drv cross join ValidPaths p on p.path = o.path';
  return [
    ...(keepDerivations ? [`select p.id, d.id ${from} where p.deriver = d.path`] : []),
    ...(keepOutputs ? [`select d.id, p.id ${from}`] : []),
  ];
}

function arrows(numbers: ReadonlyMap<number, number>, ...questions: readonly string[]): Int32Array {
  const found: number[] = [];
  for (const question of questions) {
    for (const [from, to] of database.prepare<[], [number, number]>(question).raw().iterate() as Iterable<
      [number, number]
    >) {
      found.push(numbers.get(from) as number, numbers.get(to) as number);
    }
  }
  return Int32Array.from(found);
}

function tellLive(rows: readonly Row[], dead: Int32Array): void {
  const gone = new Set(dead);
  tellAll(
    'live',
    rows.filter((_, number) => !gone.has(number)),
  );
}

/** What lies in the store directory and is not registered, but for what serves the store itself. */
function leftovers(valid: ReadonlySet<string>): { readonly path: string; readonly size: number }[] {
  const { storeDir } = order;
  return readdirSync(storeDir, 'latin1')
    .filter((name) => name !== '.cooper' && name !== '.links' && !valid.has(`${storeDir}/${name}`))
    .map((name) => ({ path: `${storeDir}/${name}`, size: 0 }))
    .sort((a, b) => Number(isStorePath(storeDir, b.path)) - Number(isStorePath(storeDir, a.path)));
}

function tellAll(
  type: 'dead' | 'live' | 'leftover',
  found: readonly { readonly path: string; readonly size: number }[],
): void {
  for (let from = 0; from < found.length; from += portion) {
    tell({ type, found: found.slice(from, from + portion).map(({ path, size }) => [path, size] as const) });
  }
}

function tell(message: Marked): void {
  parentPort?.postMessage(message);
}
