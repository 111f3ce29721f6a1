/** What a store, its database, its logs and the directory of builds hold at one moment, read from outside. */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import type { FileEntry, LogFile, OutputRow, Trees, ValidPathRow } from './scenario.ts';

/** Where everything is; in a recording, where Guix has it. */
export interface Places {
  readonly store: string;
  readonly database: string;
  readonly logs: string;
  readonly temporary: string;
}

export const guixPlaces: Places = {
  store: '/gnu/store',
  database: '/var/guix/db/db.sqlite',
  logs: '/var/log/guix/drvs',
  temporary: '/tmp',
};

export interface DatabaseRows {
  /** In the order of registration. */
  readonly validPaths: readonly ValidPathRow[];
  readonly outputs: readonly OutputRow[];
  readonly failedPaths: readonly string[];
}

export function readDatabase(file: string): DatabaseRows {
  if (!existsSync(file)) return { validPaths: [], outputs: [], failedPaths: [] };
  const database = new Database(file, { readonly: true, timeout: 30_000 });
  try {
    const references = database
      .prepare('select t.path from Refs join ValidPaths t on t.id = reference where referrer = ? order by t.path')
      .pluck();
    const rows = database.prepare('select id, path, hash, deriver, narSize from ValidPaths order by id').all();
    return {
      validPaths: (rows as (ValidPathRow & { id: number })[]).map(({ id, ...row }) => ({
        ...row,
        references: references.all(id) as string[],
      })),
      outputs: database
        .prepare(
          'select v.path as drv, d.id as id, d.path as path from DerivationOutputs d join ValidPaths v on v.id = d.drv order by 1, 2',
        )
        .all() as OutputRow[],
      failedPaths: database.prepare('select path from FailedPaths order by path').pluck().all() as string[],
    };
  } finally {
    database.close();
  }
}

/** The names in the store directory, sorted, without what is the daemon's own. */
export function storeEntries(store: string): string[] {
  if (!existsSync(store)) return [];
  return readdirSync(store)
    .filter((name) => !['.links', 'trash', '.cooper'].includes(name))
    .sort();
}

/** The file at `path` and everything below it, in the order of names. */
export function readTree(path: string): FileEntry[] {
  const entries: FileEntry[] = [];
  const visit = (file: string, name: string): void => {
    const stat = lstatSync(file, { throwIfNoEntry: false });
    // Leftovers of what was taken back go away meanwhile.
    if (stat === undefined) return;
    entries.push(fileEntry(file, name, stat));
    if (!stat.isDirectory()) return;
    for (const child of readdirSync(file).sort()) visit(join(file, child), `${name}/${child}`);
  };
  visit(path, basename(path));
  return entries;
}

function fileEntry(file: string, name: string, stat: Stats): FileEntry {
  const { uid, gid, size, nlink } = stat;
  const mtime = Math.floor(stat.mtimeMs / 1000);
  return {
    name,
    mode: stat.mode.toString(8).padStart(6, '0'),
    uid,
    gid,
    ...(stat.isDirectory() || stat.isSymbolicLink() ? {} : { size, nlink }),
    ...(stat.isSymbolicLink() ? { target: readlinkSync(file) } : {}),
    ...(mtime === 1 ? { mtime } : {}),
  };
}

export function readTrees(directory: string, names: readonly string[]): Trees {
  const trees = names.map((name) => [name, readTree(join(directory, name))] as const);
  return Object.fromEntries(trees.filter(([, entries]) => entries.length > 0));
}

/** Every build log below `directory`, uncompressed. */
export function readLogs(directory: string): LogFile[] {
  if (!existsSync(directory)) return [];
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
    .map((path) => ({
      path,
      mode: lstatSync(path).mode.toString(8).padStart(6, '0'),
      contents: uncompressed(path).toString('latin1'),
    }));
}

function uncompressed(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}
