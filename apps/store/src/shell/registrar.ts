/**
 * Writes what becomes valid into the database: every registration is one transaction, all of it or nothing.
 */
import type { PathInfo } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './database.ts';
import type { PassPoint } from './fault-point.ts';
import type { Protections } from './protections.ts';
import type { Transactions } from './transactions.ts';

/** A path to register; `outputs` where it is a derivation. When it was registered is the registrar's business. */
export interface NewPath extends Omit<PathInfo, 'registrationTime'> {
  readonly outputs?: ReadonlyMap<string, { readonly path: StorePath }>;
}

interface RegistrarParts {
  readonly transactions: Transactions;
  readonly protections: Protections;
  readonly pass: PassPoint;
}

export class Registrar {
  readonly #transactions: Transactions;
  readonly #id: Statement<[string], number>;
  readonly #insert: Statement<[string, string, number, string | null, number]>;
  readonly #update: Statement<[string, string | null, number, number]>;
  readonly #clearReferences: Statement<[number]>;
  readonly #insertReference: Statement<[number, number]>;
  readonly #insertOutput: Statement<[number, string, string]>;
  readonly #pass: PassPoint;
  readonly #protections: Protections;

  constructor(connection: Connection, { transactions, protections, pass }: RegistrarParts) {
    this.#transactions = transactions;
    this.#protections = protections;
    this.#pass = pass;
    this.#id = connection.prepare<[string], number>('select id from ValidPaths where path = ?').pluck() as Statement<
      [string],
      number
    >;
    this.#insert = connection.prepare(
      'insert into ValidPaths (path, hash, registrationTime, deriver, narSize) values (?, ?, ?, ?, ?)',
    );
    this.#update = connection.prepare('update ValidPaths set hash = ?, deriver = ?, narSize = ? where id = ?');
    this.#clearReferences = connection.prepare('delete from Refs where referrer = ?');
    this.#insertReference = connection.prepare('insert or ignore into Refs (referrer, reference) values (?, ?)');
    this.#insertOutput = connection.prepare(
      'insert or replace into DerivationOutputs (drv, id, path) values (?, ?, ?)',
    );
  }

  /**
   * Registers paths, all or none; those that are valid already (a repair) get what is said of them now. They may refer
   * to each other; whatever else they refer to must be valid: the fault `path-not-valid`.
   */
  register(paths: readonly NewPath[]): Promise<void> {
    for (const { path, references } of paths) this.#protections.add([path, ...references]);
    return this.#transactions.run(
      () => this.#write(paths),
      () => this.#pass('written'),
    );
  }

  *#write(paths: readonly NewPath[]): Generator<void, void, void> {
    const time = Math.floor(Date.now() / 1000);
    const ids = new Map<StorePath, number>();
    for (const path of paths) {
      ids.set(path.path, this.#put(path, time));
      yield;
    }
    for (const { path, references, outputs } of paths) {
      const id = ids.get(path) as number;
      for (const reference of references) this.#insertReference.run(id, ids.get(reference) ?? this.#find(reference));
      for (const [name, output] of outputs ?? []) this.#insertOutput.run(id, name, output.path);
      yield;
    }
  }

  #put({ path, narHash, deriver, narSize }: NewPath, time: number): number {
    const id = this.#id.get(path);
    if (id === undefined) return Number(this.#insert.run(path, narHash, time, deriver, narSize).lastInsertRowid);
    this.#update.run(narHash, deriver, narSize, id);
    this.#clearReferences.run(id);
    return id;
  }

  #find(path: StorePath): number {
    const id = this.#id.get(path);
    if (id === undefined) throw new Fault('path-not-valid', `path \`${path}' is not valid`, { path });
    return id;
  }
}
