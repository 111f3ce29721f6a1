/**
 * Holds the database against the disk. What is registered and not there is taken out of the database, unless something
 * that is there refers to it; contents are hashed in threads (hashers.ts). Others go on meanwhile: what they collect or
 * repair in this time is no finding.
 */
import type { Item, storeContract } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import type { Call } from '@cooper/ipc';
import { inSlices } from '@cooper/process';
import type { StorePath } from '@cooper/store-path';
import { closing } from '../core/closure.ts';
import type { World } from './world.ts';

type VerifyCall = Pick<Call<typeof storeContract, 'verify'>, 'send' | 'signal'>;
type Finding = Item<typeof storeContract, 'verify'>;

export interface VerificationResult {
  readonly checked: number;
  readonly missing: number;
  readonly corrupt: number;
}

/** How many items are looked at between two messages of progress: enough to keep all hashing threads busy. */
const batch = 128;

export class Verification {
  readonly #world: World;
  readonly #call: VerifyCall;
  readonly #missing: StorePath[] = [];
  #checked = 0;
  #corrupt = 0;

  constructor(world: World, call: VerifyCall) {
    this.#world = world;
    this.#call = call;
  }

  /** Verifies every item; `contents`: their hashes, too. Throws the fault `cancelled`. */
  async run(contents: boolean): Promise<VerificationResult> {
    const total = this.#world.paths.count();
    for (let last: StorePath | '' = ''; ; ) {
      if (this.#call.signal.aborted) throw new Fault('cancelled', 'the verification was cancelled');
      const next: StorePath[] = this.#world.paths.after(last, batch);
      if (next.length === 0) break;
      await this.#verify(next, contents);
      this.#checked += next.length;
      await this.#call.send({ event: 'progress', checked: this.#checked, total: Math.max(total, this.#checked) });
      last = next.at(-1) as StorePath;
    }
    const missing = await this.#removeMissing();
    return { checked: this.#checked, missing, corrupt: this.#corrupt };
  }

  async #verify(paths: readonly StorePath[], contents: boolean): Promise<void> {
    const there = paths.filter((path) => !this.#isMissing(path));
    this.#missing.push(...paths.filter((path) => this.#isMissing(path)));
    if (contents) await Promise.all(there.map((path) => this.#verifyContents(path)));
  }

  #isMissing(path: StorePath): boolean {
    const { paths, store } = this.#world;
    return store.status(path) === undefined && paths.isValid(path);
  }

  async #verifyContents(path: StorePath): Promise<void> {
    const before = this.#world.paths.info(path);
    const finding = await this.#hash(path, before?.narHash);
    // Collected, or repaired, while it was read.
    if (finding === undefined || this.#world.paths.info(path)?.narHash !== before?.narHash) return;
    if (finding.event === 'corrupt') this.#corrupt++;
    await this.#call.send(finding);
  }

  async #hash(path: StorePath, expected: string | undefined): Promise<Finding | undefined> {
    if (expected === undefined) return undefined;
    try {
      const actual = await this.#world.hashers.hash(this.#world.store.locate(path));
      if (actual === expected) return undefined;
      if (actual !== undefined) return { event: 'corrupt', path, expected, actual };
      return { event: 'unreadable', path, message: 'what lies there is no store item' };
    } catch (error) {
      if (!isFault(error, 'storage-failed')) throw error;
      return { event: 'unreadable', path, message: error.message };
    }
  }

  /** Referrers first, so that what is missing altogether goes altogether. */
  async #removeMissing(): Promise<number> {
    const missing = new Set(this.#missing);
    const referrers = (path: StorePath) => this.#world.paths.referrersOf(path).filter((each) => missing.has(each));
    const order = await inSlices(closing([...missing], referrers));
    let count = 0;
    for (const path of order) {
      const removed = await this.#remove(path);
      if (removed === undefined) continue;
      count++;
      await this.#call.send({ event: 'missing', path, removed });
    }
    return count;
  }

  /** Whether it was taken out of the database; nothing when it is not missing any more. */
  #remove(path: StorePath): Promise<boolean | undefined> {
    return this.#world.transactions.alone((connection) => {
      if (!this.#isMissing(path)) return undefined;
      if (this.#world.paths.referrersOf(path).some((referrer) => referrer !== path)) return false;
      connection.prepare('delete from ValidPaths where path = ?').run(path);
      connection.exec('commit');
      return true;
    });
  }
}
