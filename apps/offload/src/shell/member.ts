/** One machine as this process knows it: how it fares, what it does for us, and the way to it once there is one. */
import { isFault } from '@cooper/fault';
import type { Machine } from '@cooper/machines';
import { afterFailure, goodHealth, type Health, restOf } from '../core/health.ts';
import type { Changes } from './changes.ts';
import type { KeptHealth } from './kept-health.ts';
import type { Session } from './session.ts';

/** Connects to a machine. Throws a fault that says why it cannot be reached. */
export type Reach = (machine: Machine) => Promise<Session>;

export interface MemberParts {
  readonly reach: Reach;
  readonly health: KeptHealth;
  readonly changes: Changes;
}

/** A place for a build at a machine. */
export interface Slot extends Disposable {
  readonly member: Member;
}

export class Member {
  readonly machine: Machine;
  /** Builds that it was given. */
  running = 0;
  readonly #reach: Reach;
  readonly #kept: KeptHealth;
  readonly #changes: Changes;
  #opening: Promise<Session> | undefined;
  #session: Session | undefined;
  #isRetired = false;

  constructor(machine: Machine, { reach, health, changes }: MemberParts) {
    this.machine = machine;
    this.#reach = reach;
    this.#kept = health;
    this.#changes = changes;
  }

  /** The way to it, if it is open. */
  get session(): Session | undefined {
    return this.#session;
  }

  get health(): Health {
    return this.#kept.of(this.machine.name);
  }

  get state(): 'unused' | 'connecting' | 'connected' | 'resting' {
    if (this.#session !== undefined) return 'connected';
    if (this.#opening !== undefined) return 'connecting';
    return restOf(this.health, Date.now()) > 0 ? 'resting' : 'unused';
  }

  /** The way to it: one for all who want it at the same time, opened if need be. */
  async open(): Promise<Session> {
    if (this.#session !== undefined) return this.#session;
    this.#opening ??= this.#connect();
    return await this.#opening;
  }

  /** It has done what it should. */
  succeeded(): void {
    if (this.health.failures > 0) this.#kept.set(this.machine.name, goodHealth);
  }

  /** It has not. Many builds may notice the same: that is one failure. */
  failed(error: unknown): void {
    const now = Date.now();
    if (restOf(this.health, now) > 0) return;
    const reason = isFault(error) ? error.message : String(error);
    this.#kept.set(this.machine.name, afterFailure(this.health, now, reason.slice(0, 500)));
  }

  /** It has left the file: what it does for us it may end, and then the way to it is closed. */
  retire(): void {
    this.#isRetired = true;
    if (this.running === 0) this.close();
  }

  /** Takes one of its slots, until it is disposed of. */
  take(): Slot {
    this.running++;
    return {
      member: this,
      [Symbol.dispose]: () => {
        this.running--;
        this.#changes.tell();
        if (this.#isRetired) this.retire();
      },
    };
  }

  close(): void {
    this.#session?.close();
    void this.#opening?.then((session) => session.close()).catch(() => undefined);
  }

  async #connect(): Promise<Session> {
    try {
      const session = await this.#reach(this.machine);
      this.#session = session;
      void session.ended.then((fault) => this.#lost(session, fault));
      return session;
    } finally {
      this.#opening = undefined;
    }
  }

  #lost(session: Session, fault: unknown): void {
    if (this.#session === session) this.#session = undefined;
    if (fault !== undefined) this.failed(fault);
  }
}
