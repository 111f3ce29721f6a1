/**
 * Transactions of the connection that writes: one at a time, in slices where they are long; while another program writes,
 * ours wait without holding up the process.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { inSlices } from '@cooper/process';
import type { Connection } from './database.ts';

/** How long, in ms, to wait before another program's lock on the database is asked for again, and for how long in all. */
const busyInterval = 20;
const busyPatience = 60 * 60 * 1000;

export class Transactions {
  readonly #connection: Connection;
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Takes `steps` in one transaction, after those that were asked for before: all of it or, where it throws, nothing.
   * `beforeCommit` is called when all is written.
   */
  run<T>(steps: () => Generator<void, T, void>, beforeCommit: () => void = () => undefined): Promise<T> {
    return this.#inTurn(() => this.#run(steps, beforeCommit));
  }

  /**
   * Does `work` in a transaction, after those that were asked for before. It must not wait; it commits, and what it does
   * after that happens before anybody else sees what it has committed. What it does not commit is undone.
   */
  alone<T>(work: (connection: Connection) => T): Promise<T> {
    return this.#inTurn(async () => {
      await this.#begin();
      try {
        return work(this.#connection);
      } finally {
        if (this.#connection.inTransaction) this.#connection.exec('rollback');
      }
    });
  }

  /** Does `work`, which may take its time, while nothing of ours is being written. */
  without<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(work);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #run<T>(steps: () => Generator<void, T, void>, beforeCommit: () => void): Promise<T> {
    await this.#begin();
    try {
      const result = await inSlices(steps());
      beforeCommit();
      this.#connection.exec('commit');
      return result;
    } catch (error) {
      if (this.#connection.inTransaction) this.#connection.exec('rollback');
      throw error;
    }
  }

  async #begin(): Promise<void> {
    for (const deadline = Date.now() + busyPatience; ; await delay(busyInterval)) {
      try {
        this.#connection.exec('begin immediate');
        return;
      } catch (error) {
        if ((error as { code?: string }).code !== 'SQLITE_BUSY' || Date.now() > deadline) throw error;
      }
    }
  }
}
