/** The machines of the file. It is read anew when it has changed: who stays in it as it was keeps its connection. */
import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { Fault, isFault } from '@cooper/fault';
import type { Log } from '@cooper/log';
import { type LocalMachine, type Machine, type Machines, parseMachines } from '@cooper/machines';
import { Changes } from './changes.ts';
import type { KeptHealth } from './kept-health.ts';
import type { Keys } from './keys.ts';
import { Member, type Reach } from './member.ts';

/** What a file says, and what it was when it said so. */
export interface ReadMachines extends Machines {
  readonly version: string;
}

export interface FleetParts {
  readonly file: string;
  /** What it says now. It may be root's alone: then changes are seen at the next start. */
  readonly machines: ReadMachines;
  /** The system of this machine. */
  readonly system: string;
  readonly keys: Keys;
  readonly health: KeptHealth;
  readonly reach: Reach;
  readonly log: Log;
}

export class Fleet {
  /** Told of whatever may let a machine take another job. */
  readonly changes = new Changes();
  readonly #parts: FleetParts;
  #members: readonly Member[] = [];
  #local: LocalMachine | null = null;
  #version = '';

  constructor(parts: FleetParts) {
    this.#parts = parts;
    this.#version = parts.machines.version;
    this.#take(parts.machines);
  }

  /** In the order of their names; as the file has them now. */
  get members(): readonly Member[] {
    this.#refresh();
    return this.#members;
  }

  /** The local machine, where the file has it among the others. */
  get local(): LocalMachine | null {
    return this.#local;
  }

  close(): void {
    for (const member of this.#members) member.close();
  }

  /** A file that is being written, or is wrong, changes nothing. */
  #refresh(): void {
    try {
      if (stampOf(this.#parts.file) !== this.#version) this.#take(this.#read());
    } catch (error) {
      if (!isFault(error, 'invalid-machines')) throw error;
      this.#parts.log.warning(`${error.message}; the machines stay as they were`);
    }
  }

  #read(): Machines {
    // One that is wrong is complained of once.
    this.#version = stampOf(this.#parts.file);
    const machines = readMachines(this.#parts);
    for (const machine of machines.machines) this.#parts.keys.read(machine);
    return machines;
  }

  #take({ machines, local }: Machines): void {
    const before = new Map(this.#members.map((member) => [JSON.stringify(member.machine), member]));
    const sorted = machines.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.#members = sorted.map((machine) => before.get(JSON.stringify(machine)) ?? this.#member(machine));
    this.#local = local;
    for (const member of before.values()) if (!this.#members.includes(member)) member.retire();
  }

  #member(machine: Machine): Member {
    const { reach, health } = this.#parts;
    return new Member(machine, { reach, health, changes: this.changes });
  }
}

/** What the file says. Throws the fault `invalid-machines`. */
export function readMachines({ file, system }: Pick<FleetParts, 'file' | 'system'>): ReadMachines {
  // Before it is read: a change meanwhile is seen as one that comes later.
  const version = stampOf(file);
  return { ...parseMachines(readSafely(file), { file, system }), version };
}

/** A file that is not there has a stamp, too. */
function stampOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

function readSafely(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    if (process.getuid?.() === 0) checkOwner(file, descriptor);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    if (error instanceof Fault) throw error;
    const message = `cannot read ${file}: ${(error as Error).message}`;
    throw new Fault('invalid-machines', message, { file }, { cause: error });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** It names files that root reads: nobody else may have a say. */
function checkOwner(file: string, descriptor: number): void {
  const { uid, mode } = fstatSync(descriptor);
  if (uid === 0 && (mode & 0o022) === 0) return;
  const message = `${file} names keys that root reads, and others than root may write to it`;
  throw new Fault('invalid-machines', message, { file, uid, mode: (mode & 0o7777).toString(8) });
}
