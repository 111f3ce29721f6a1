/** How machines have fared, on disk: what failed before a restart is still left alone after it. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { check, integer, list, record, text } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import type { Log } from '@cooper/log';
import { goodHealth, type Health } from '../core/health.ts';

const entry = record({ name: text(), failures: integer(), restsUntil: integer(), reason: text() });
const kept = record({ machines: list(entry) });

export class KeptHealth {
  readonly #file: string;
  readonly #log: Log;
  readonly #known: Map<string, Health>;

  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
    this.#known = new Map(this.#read().map(({ name, ...health }) => [name, health]));
  }

  of(name: string): Health {
    return this.#known.get(name) ?? goodHealth;
  }

  set(name: string, health: Health): void {
    if (health.failures === 0) this.#known.delete(name);
    else this.#known.set(name, health);
    const machines = Array.from(this.#known, ([name, health]) => ({ name, ...health }));
    try {
      writeFileSync(`${this.#file}.new`, `${JSON.stringify({ machines })}\n`);
      renameSync(`${this.#file}.new`, this.#file);
    } catch (error) {
      this.#log.warning(`cannot remember how machines fare: ${(error as Error).message}`);
    }
  }

  #read(): readonly ({ readonly name: string } & Health)[] {
    try {
      return check(kept, JSON.parse(readFileSync(this.#file, 'utf8')), '').machines;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      if (!(error instanceof SyntaxError) && !isFault(error)) throw error;
      this.#log.warning(`${this.#file} is not understood, and begun anew: ${error.message}`);
      return [];
    }
  }
}
