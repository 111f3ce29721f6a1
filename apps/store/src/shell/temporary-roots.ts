/**
 * The file of temporary roots, `STATE/temproots/PID`, in the reference's format: paths, each with a NUL behind it. A
 * collector of another program keeps what stands in it, valid or not, as long as its owner has it locked; while one
 * collects, it holds all such files, and additions wait for its end.
 */
import { mkdirSync, unlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '@cooper/fault';
import {
  AT_FDCWD,
  close,
  O_APPEND,
  O_CREAT,
  O_RDWR,
  O_TRUNC,
  openat,
  openPath,
  tryLock,
  write,
} from '@cooper/system-calls';

/** How long, in ms, to wait before a lock that a collector holds is asked for again. */
const interval = 50;

/** A file with this many entries, most of which nobody needs any more, is written anew. */
const large = 10_000;

export class TemporaryRoots {
  readonly #path: string;
  readonly #collectorLock: string;
  readonly #always: readonly string[];
  readonly #noted = new Set<string>();
  #descriptor = -1;
  #last: Promise<unknown> = Promise.resolve();

  /** `always`: what stands in the file from the beginning to the end. */
  constructor(stateDir: string, always: readonly string[]) {
    mkdirSync(`${stateDir}/temproots`, { recursive: true, mode: 0o755 });
    this.#path = `${stateDir}/temproots/${process.pid}`;
    this.#collectorLock = `${stateDir}/gc.lock`;
    this.#always = always;
  }

  /** Makes the file, after any collection that is going on. */
  async open(): Promise<void> {
    const gate = openPath(this.#collectorLock, O_RDWR | O_CREAT, 0o600);
    while (!tryLock(gate, false)) await delay(interval);
    this.#descriptor = openat(AT_FDCWD, this.#path, O_RDWR | O_CREAT | O_APPEND, 0o600);
    if (!tryLock(this.#descriptor, true)) {
      const message = `${this.#path} is locked: a process of this number is at work in another namespace`;
      throw new Fault('store-in-use', message, { path: this.#path });
    }
    this.#rewrite([]);
    close(gate);
    await this.add([]);
  }

  /** Notes `paths`. When it resolves, no collector removes them. */
  add(paths: readonly string[]): Promise<void> {
    const fresh = paths.filter((path) => !this.#noted.has(path));
    if (fresh.length === 0 && paths.length > 0) return Promise.resolve();
    return this.#locked(() => {
      this.#append(fresh);
      for (const path of fresh) this.#noted.add(path);
    });
  }

  /** Says what is needed still, once some of it is not: a file that has grown large shrinks. */
  async keepOnly(needed: () => ReadonlySet<string>): Promise<void> {
    if (this.#noted.size < large || needed().size > this.#noted.size / 2) return;
    await this.#locked(() => this.#rewrite(needed()));
  }

  /** Removes the file. */
  close(): void {
    unlinkSync(this.#path);
    close(this.#descriptor);
  }

  /** Does `work` under the exclusive lock that a collector respects, one after the other. */
  #locked(work: () => void): Promise<void> {
    const done = this.#last.then(async () => {
      while (!tryLock(this.#descriptor, true)) await delay(interval);
      try {
        work();
      } finally {
        tryLock(this.#descriptor, false);
      }
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  #append(paths: Iterable<string>): void {
    const entries = Array.from(paths, (path) => `${path}\0`).join('');
    if (entries !== '') write(this.#descriptor, Buffer.from(entries, 'latin1'));
  }

  #rewrite(paths: Iterable<string>): void {
    close(openat(AT_FDCWD, this.#path, O_RDWR | O_TRUNC));
    this.#noted.clear();
    for (const path of [...this.#always, ...paths]) this.#noted.add(path);
    this.#append(this.#noted);
  }
}
