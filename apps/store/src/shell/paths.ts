/** What the database knows of valid paths: questions, most of them in lists. */
import type { OutputPath, PathInfo } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './database.ts';

/** A list goes to the database as one parameter, in JSON; `key` is the place in it. */
const asked = 'json_each(?) asked';

interface Row {
  readonly id: number;
  readonly path: StorePath;
  readonly hash: string;
  readonly registrationTime: number;
  readonly deriver: string | null;
  readonly narSize: number | null;
}

interface OutputRow extends OutputPath {
  readonly key: number;
}

interface Pair {
  readonly key: number;
  readonly value: string;
}

type Lists = Statement<[string], Pair>;

export class Paths {
  readonly #id: Statement<[string], number>;
  readonly #rows: Statement<[string], Row | { readonly id: null }>;
  readonly #valid: Statement<[string], StorePath>;
  readonly #references: Lists;
  readonly #referrers: Lists;
  readonly #derivers: Lists;
  readonly #validOutputs: Lists;
  readonly #outputs: Statement<[string], OutputRow>;
  readonly #referencesOf: Statement<[string], StorePath>;
  readonly #referrersOf: Statement<[string], StorePath>;
  readonly #validOutputsOf: Statement<[string], StorePath>;
  readonly #count: Statement<[], number>;
  readonly #from: Statement<[string], StorePath>;
  readonly #batch: Statement<[string, number], StorePath>;

  constructor(connection: Connection) {
    const pluck = <P extends unknown[], R>(sql: string) => connection.prepare<P, R>(sql).pluck() as Statement<P, R>;
    this.#id = pluck('select id from ValidPaths where path = ?');
    this.#rows = connection.prepare(
      `select v.* from ${asked} left join ValidPaths v on v.path = asked.value order by asked.key`,
    );
    this.#valid = pluck(`select v.path from ${asked} join ValidPaths v on v.path = asked.value order by asked.key`);
    const lists = (value: string, joins: string): Lists =>
      connection.prepare(
        `select asked.key as key, ${value} as value from ${asked} cross join ${joins} order by asked.key, value`,
      );
    this.#references = lists(
      'r.path',
      'ValidPaths v on v.path = asked.value join Refs on referrer = v.id join ValidPaths r on r.id = reference',
    );
    this.#referrers = lists(
      'r.path',
      'ValidPaths v on v.path = asked.value join Refs on reference = v.id join ValidPaths r on r.id = referrer',
    );
    this.#derivers = lists('v.path', 'DerivationOutputs d on d.path = asked.value join ValidPaths v on v.id = d.drv');
    this.#validOutputs = lists(
      'd.id',
      'ValidPaths v on v.path = asked.value join DerivationOutputs d on d.drv = v.id join ValidPaths o on o.path = d.path',
    );
    this.#outputs = connection.prepare(
      `select asked.key, d.id as name, d.path from ${asked} cross join ValidPaths v on v.path = asked.value join DerivationOutputs d on d.drv = v.id order by asked.key, d.id`,
    );
    const ofOne = 'from ValidPaths v join Refs on';
    this.#referencesOf = pluck(
      `select r.path ${ofOne} referrer = v.id join ValidPaths r on r.id = reference where v.path = ? order by r.path`,
    );
    this.#referrersOf = pluck(
      `select r.path ${ofOne} reference = v.id join ValidPaths r on r.id = referrer where v.path = ? order by r.path`,
    );
    this.#validOutputsOf = pluck(
      'select o.path from ValidPaths v join DerivationOutputs d on d.drv = v.id join ValidPaths o on o.path = d.path where v.path = ? order by d.id',
    );
    this.#count = pluck('select count(*) from ValidPaths');
    this.#from = pluck('select path from ValidPaths where path >= ? order by path limit 1');
    this.#batch = pluck('select path from ValidPaths where path > ? order by path limit ?');
  }

  isValid(path: StorePath): boolean {
    return this.#id.get(path) !== undefined;
  }

  /** Those of `paths` that are valid, in their order. */
  valid(paths: readonly StorePath[]): StorePath[] {
    return this.#valid.all(JSON.stringify(paths));
  }

  /** The first of `paths` that is not valid. */
  firstInvalid(paths: readonly StorePath[]): StorePath | undefined {
    return paths.find((path) => !this.isValid(path));
  }

  /** What is known of each path; nil for those that are not valid. */
  infos(paths: readonly StorePath[]): (PathInfo | null)[] {
    const list = JSON.stringify(paths);
    const references = this.#grouped<StorePath>(this.#references, list, paths.length);
    return this.#rows.all(list).map((row, index) => (row.id === null ? null : pathInfo(row, references[index] ?? [])));
  }

  info(path: StorePath): PathInfo | null {
    return this.infos([path])[0] ?? null;
  }

  referrers(paths: readonly StorePath[]): StorePath[][] {
    return this.#grouped(this.#referrers, JSON.stringify(paths), paths.length);
  }

  /** Of each path, the valid derivations that have it as an output. */
  derivers(paths: readonly StorePath[]): StorePath[][] {
    return this.#grouped(this.#derivers, JSON.stringify(paths), paths.length);
  }

  /** Of each path, the names of those of its outputs that are valid; none for what is no derivation. */
  validOutputs(paths: readonly StorePath[]): string[][] {
    return this.#grouped(this.#validOutputs, JSON.stringify(paths), paths.length);
  }

  /** The outputs of each path, by their names; none for what is no valid derivation. */
  outputs(paths: readonly StorePath[]): OutputPath[][] {
    const groups = paths.map((): OutputPath[] => []);
    for (const { key, name, path } of this.#outputs.iterate(JSON.stringify(paths))) groups[key]?.push({ name, path });
    return groups;
  }

  /** By their bytes, as all lists. */
  referencesOf(path: StorePath): StorePath[] {
    return this.#referencesOf.all(path);
  }

  referrersOf(path: StorePath): StorePath[] {
    return this.#referrersOf.all(path);
  }

  validOutputsOf(derivation: StorePath): StorePath[] {
    return this.#validOutputsOf.all(derivation);
  }

  /** The first valid path that begins with `prefix`, if any does. */
  withPrefix(prefix: string): StorePath | null {
    const found = this.#from.get(prefix);
    return found?.startsWith(prefix) ? found : null;
  }

  /** How many valid paths there are. */
  count(): number {
    return this.#count.get() ?? 0;
  }

  /** The next `count` valid paths behind `path` (empty: from the first), sorted. */
  after(path: StorePath | '', count: number): StorePath[] {
    return this.#batch.all(path, count);
  }

  #grouped<T extends string>(statement: Lists, list: string, length: number): T[][] {
    const groups = Array.from({ length }, (): T[] => []);
    for (const { key, value } of statement.iterate(list)) groups[key]?.push(value as T);
    return groups;
  }
}

function pathInfo(row: Row, references: readonly StorePath[]): PathInfo {
  return {
    path: row.path,
    narHash: row.hash,
    narSize: row.narSize ?? 0,
    references,
    deriver: row.deriver === null || row.deriver === '' ? null : (row.deriver as StorePath),
    registrationTime: row.registrationTime,
  };
}
