/** What the database knows of valid paths: questions and changes, in lists. */
import type { PathInfo } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './database.ts';

/** A path to register. `registrationTime` is the database's business. */
export type NewPath = Omit<PathInfo, 'registrationTime'>;

interface Row {
  readonly id: number;
  readonly path: StorePath;
  readonly hash: string;
  readonly registrationTime: number;
  readonly deriver: StorePath | null;
  readonly narSize: number | null;
}

export class Paths {
  readonly #connection: Connection;
  readonly #byPath: Statement<[string], Row>;
  readonly #referencesOf: Statement<[number], { path: StorePath }>;
  readonly #referrersOf: Statement<[string], { path: StorePath }>;
  readonly #deriversOf: Statement<[string], { path: StorePath }>;
  readonly #outputsOf: Statement<[string], { id: string; path: StorePath }>;
  readonly #from: Statement<[string], { path: StorePath }>;
  readonly #all: Statement<[], { path: StorePath }>;
  readonly #insert: Statement<[string, string, number, string | null, number]>;
  readonly #update: Statement<[string, string | null, number, number]>;
  readonly #insertReference: Statement<[number, number]>;
  readonly #insertOutput: Statement<[number, string, string]>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#byPath = connection.prepare('select * from ValidPaths where path = ?');
    this.#referencesOf = connection.prepare(
      'select path from Refs join ValidPaths on reference = id where referrer = ? order by path',
    );
    this.#referrersOf = connection.prepare(
      'select path from Refs join ValidPaths on referrer = id where reference = (select id from ValidPaths where path = ?) order by path',
    );
    this.#deriversOf = connection.prepare(
      'select v.path from DerivationOutputs d join ValidPaths v on d.drv = v.id where d.path = ? order by v.path',
    );
    this.#outputsOf = connection.prepare(
      'select d.id, d.path from DerivationOutputs d join ValidPaths v on d.drv = v.id where v.path = ? order by d.id',
    );
    this.#from = connection.prepare('select path from ValidPaths where path >= ? order by path limit 1');
    this.#all = connection.prepare('select path from ValidPaths order by path');
    this.#insert = connection.prepare(
      'insert into ValidPaths (path, hash, registrationTime, deriver, narSize) values (?, ?, ?, ?, ?)',
    );
    this.#update = connection.prepare('update ValidPaths set hash = ?, deriver = ?, narSize = ? where id = ?');
    this.#insertReference = connection.prepare('insert or ignore into Refs (referrer, reference) values (?, ?)');
    this.#insertOutput = connection.prepare(
      'insert or replace into DerivationOutputs (drv, id, path) values (?, ?, ?)',
    );
  }

  isValid(path: string): boolean {
    return this.#byPath.get(path) !== undefined;
  }

  info(path: string): PathInfo | null {
    const row = this.#byPath.get(path);
    if (row === undefined) return null;
    return {
      path: row.path,
      narHash: row.hash,
      narSize: row.narSize ?? 0,
      references: this.#referencesOf.all(row.id).map((reference) => reference.path),
      deriver: row.deriver === '' ? null : row.deriver,
      registrationTime: row.registrationTime,
    };
  }

  references(path: string): readonly StorePath[] {
    const row = this.#byPath.get(path);
    return row === undefined ? [] : this.#referencesOf.all(row.id).map((reference) => reference.path);
  }

  referrers(path: string): readonly StorePath[] {
    return this.#referrersOf.all(path).map((row) => row.path);
  }

  /** Valid derivations that have `path` as an output. */
  derivers(path: string): readonly StorePath[] {
    return this.#deriversOf.all(path).map((row) => row.path);
  }

  /** The outputs of a valid derivation, by name. */
  outputs(derivation: string): readonly { readonly id: string; readonly path: StorePath }[] {
    return this.#outputsOf.all(derivation);
  }

  /** The first valid path that begins with `prefix`, if any does. */
  withPrefix(prefix: string): StorePath | null {
    const found = this.#from.get(prefix)?.path;
    return found?.startsWith(prefix) ? found : null;
  }

  all(): IterableIterator<{ path: StorePath }> {
    return this.#all.iterate();
  }

  /**
   * Registers paths, all or none. They may refer to each other; everything else that they refer to must be valid.
   * `outputs` are those of the derivations among them.
   */
  register(
    paths: readonly NewPath[],
    outputs: readonly { drv: StorePath; name: string; path: StorePath }[] = [],
  ): void {
    this.#connection.transaction(() => {
      const time = Math.floor(Date.now() / 1000);
      for (const path of paths) this.#put(path, time);
      for (const { path, references } of paths) this.#refer(path, references);
      for (const { drv, name, path } of outputs) this.#insertOutput.run(this.#id(drv), name, path);
    })();
  }

  #put({ path, narHash, deriver, narSize }: NewPath, time: number): void {
    const row = this.#byPath.get(path);
    if (row === undefined) this.#insert.run(path, narHash, time, deriver, narSize);
    else this.#update.run(narHash, deriver, narSize, row.id);
  }

  #refer(path: StorePath, references: readonly StorePath[]): void {
    const referrer = this.#id(path);
    for (const reference of references) this.#insertReference.run(referrer, this.#id(reference));
  }

  #id(path: StorePath): number {
    const row = this.#byPath.get(path);
    if (row === undefined) throw new Fault('path-not-valid', `path \`${path}' is not valid`, { path });
    return row.id;
  }
}
