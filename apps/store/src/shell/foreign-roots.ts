/**
 * The temporary roots of other programs (a guix-daemon's clients): the files `STATE/temproots/PID` that their owners hold
 * locked. While we hold them, too, their owners wait before they add to them, as the reference's collector has them do.
 */
import { readdirSync, unlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { AT_FDCWD, close, fstat, O_NOFOLLOW, O_RDWR, openat, read, tryLock, write } from '@cooper/system-calls';
import { isErrno } from './storage-fault.ts';

/** How long, in ms, to wait before a lock is asked for again that its owner holds while he writes. */
const interval = 20;

export class ForeignRoots implements Disposable {
  /** What stands in them: whatever their owners wrote. */
  readonly paths = new Set<string>();
  readonly #directory: string;
  readonly #held: number[] = [];

  private constructor(stateDir: string) {
    this.#directory = `${stateDir}/temproots`;
  }

  /** Reads and holds them. Files whose owners have died are removed; ours, `own`, is left alone. */
  static async hold(stateDir: string, own: string): Promise<ForeignRoots> {
    const roots = new ForeignRoots(stateDir);
    for (const name of readdirSync(roots.#directory)) if (name !== own) await roots.#take(name);
    return roots;
  }

  [Symbol.dispose](): void {
    for (const descriptor of this.#held) close(descriptor);
    this.#held.length = 0;
  }

  async #take(name: string): Promise<void> {
    const descriptor = this.#open(name);
    if (descriptor === undefined) return;
    this.#held.push(descriptor);
    if (tryLock(descriptor, true)) return this.#remove(name, descriptor);
    while (!tryLock(descriptor, false)) await delay(interval);
    for (const path of contentsOf(descriptor).split('\0').slice(0, -1)) this.paths.add(path);
  }

  #open(name: string): number | undefined {
    try {
      return openat(AT_FDCWD, `${this.#directory}/${name}`, O_RDWR | O_NOFOLLOW);
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ELOOP', 'EISDIR')) return undefined;
      throw error;
    }
  }

  /** Nobody had it locked: its owner is gone. A byte in it tells one who has just opened it that it is on nothing. */
  #remove(name: string, descriptor: number): void {
    try {
      unlinkSync(`${this.#directory}/${name}`);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
    write(descriptor, Buffer.from('d'));
  }
}

function contentsOf(descriptor: number): string {
  const room = Buffer.allocUnsafe(fstat(descriptor).size);
  let length = 0;
  for (let count = -1; count !== 0 && length < room.length; length += count)
    count = read(descriptor, room.subarray(length));
  return room.toString('latin1', 0, length);
}
