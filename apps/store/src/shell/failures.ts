/**
 * Outputs of builds that failed (`--cache-failures`): in the table of Guix, which has no column for a cause. Causes stand in
 * a table beside it that other programs leave alone; one counts as long as the row it was written with is there.
 */
import type { FailedPath } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import type { Statement } from 'better-sqlite3';
import type { OpenDatabase } from './database.ts';
import type { Transactions } from './transactions.ts';

/** How many paths are asked for or written in one step. */
const batch = 500;

interface Row {
  readonly path: StorePath;
  /** In seconds since 1970. */
  readonly time: number;
  readonly cause: string | null;
}

export class Failures {
  readonly #transactions: Transactions;
  readonly #all: Statement<[], Row>;
  readonly #some: Statement<[string], Row>;
  readonly #add: Statement<[string, number]>;
  readonly #explain: Statement<[string, number, string]>;
  readonly #clear: readonly Statement<[string]>[];
  readonly #clearAll: readonly Statement<[]>[];

  constructor({ reader, writer }: OpenDatabase, transactions: Transactions) {
    this.#transactions = transactions;
    const rows = 'select f.path, f.time, c.cause from FailedPaths f left join CooperCauses c using (path, time)';
    this.#all = reader.prepare(`${rows} order by f.path`);
    this.#some = reader.prepare(`${rows} where f.path in (select value from json_each(?)) order by f.path`);
    this.#add = writer.prepare('insert or ignore into FailedPaths (path, time) values (?, ?)');
    this.#explain = writer.prepare('insert or replace into CooperCauses (path, time, cause) values (?, ?, ?)');
    const tables = ['FailedPaths', 'CooperCauses'];
    this.#clear = tables.map((table) =>
      writer.prepare(`delete from ${table} where path in (select value from json_each(?))`),
    );
    this.#clearAll = tables.map((table) => writer.prepare(`delete from ${table}`));
  }

  /** What is known of `paths`, or of all, sorted. */
  query(paths?: readonly StorePath[]): FailedPath[] {
    const rows = paths === undefined ? this.#all.all() : this.#some.all(JSON.stringify(paths));
    return rows.map(({ path, time, cause }) => ({ path, time: time * 1000, cause: cause ?? '' }));
  }

  /** A path that has failed before keeps its time and cause. */
  add(failures: readonly { readonly path: StorePath; readonly cause: string }[]): Promise<void> {
    return this.#transactions.run(() => this.#adding(failures));
  }

  /** Forgets `paths`, or all. */
  clear(paths?: readonly StorePath[]): Promise<void> {
    return this.#transactions.run(() => this.#clearing(paths));
  }

  *#adding(failures: readonly { readonly path: StorePath; readonly cause: string }[]): Generator<void, void, void> {
    const time = Math.floor(Date.now() / 1000);
    for (const { path, cause } of failures) {
      if (this.#add.run(path, time).changes > 0 && cause !== '') this.#explain.run(path, time, cause);
      yield;
    }
  }

  *#clearing(paths: readonly StorePath[] | undefined): Generator<void, void, void> {
    if (paths === undefined) for (const clear of this.#clearAll) clear.run();
    for (let from = 0; from < (paths?.length ?? 0); from += batch) {
      const part = JSON.stringify(paths?.slice(from, from + batch));
      for (const clear of this.#clear) clear.run(part);
      yield;
    }
  }
}
