/**
 * The private keys of the file of machines, which may be root's alone: read while this process still has the rights of
 * whoever started it, then kept in its own directory, where ssh finds them.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Fault } from '@cooper/fault';
import type { Machine } from '@cooper/machines';
import { keyName, knownHostsLine, knownHostsName } from '../core/ssh-command.ts';

export class Keys {
  readonly #directory: string;
  readonly #standard: string;
  readonly #read = new Map<string, Buffer>();

  /** `standard`: the key of machines that name none. */
  constructor(directory: string, standard: string) {
    this.#directory = directory;
    this.#standard = standard;
  }

  /** Reads the key of `machine`; one that cannot be read any more is the one that was read before. */
  read(machine: Machine): void {
    const file = machine.key ?? this.#standard;
    try {
      this.#read.set(file, readFileSync(file));
    } catch (error) {
      if (this.#read.has(file)) return;
      const message = `cannot read the key of \`${machine.name}': ${(error as Error).message}`;
      throw new Fault('invalid-machines', message, { file }, { cause: error });
    }
  }

  /** Removes what ssh read before this process was started: it may be of machines that are no more. */
  clear(): void {
    for (const name of readdirSync(this.#directory)) {
      if (/\.(key|known-hosts)$/.test(name)) rmSync(`${this.#directory}/${name}`, { force: true });
    }
  }

  /** Puts what ssh wants to read where it looks for it. */
  lay(machine: Machine): void {
    const key = this.#read.get(machine.key ?? this.#standard);
    const file = `${this.#directory}/${keyName(machine)}`;
    rmSync(file, { force: true });
    writeFileSync(file, key ?? '', { mode: 0o600 });
    writeFileSync(`${this.#directory}/${knownHostsName(machine)}`, knownHostsLine(machine), { mode: 0o644 });
  }
}
