/**
 * Users to build as, one build each: members of a group where the administrator has made one, else ids of a range that no
 * account has. A lock file for each, in the place where the reference has them, keeps every other program off.
 */
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { Fault } from '@cooper/fault';
import { tryLock } from '@cooper/system-calls';
import type { BuildUser } from '../core/place.ts';
import { privateUsers } from '../core/private-users.ts';
import { membersOf } from './accounts.ts';
import { killProcessesOf } from './processes.ts';

export interface TakenUser extends BuildUser {
  release(): void;
}

export class BuildUsers {
  readonly #pool: string;
  readonly #users: readonly BuildUser[];
  /** Whether they are accounts, with which others may do things too. */
  readonly #areAccounts: boolean;
  readonly #taken = new Set<number>();
  /** Users of whom no process has been left since this process first took them. */
  readonly #clean = new Set<number>();

  /** `group`: whose members to use, if any. Throws the fault `unusable-build-users-group`. */
  constructor(stateDir: string, group: string | undefined) {
    this.#pool = `${stateDir}/userpool`;
    this.#areAccounts = group !== undefined;
    this.#users = group === undefined ? privateUsers(readFileSync('/proc/self/uid_map', 'utf8')) : membersOf(group);
    checkUsers(this.#users, group);
    mkdirSync(this.#pool, { recursive: true, mode: 0o755 });
  }

  /** A user whom nobody else builds as, and of whom no process runs; nothing when all are in use. */
  async take(): Promise<TakenUser | undefined> {
    for (const user of this.#users) {
      const taken = this.takeId(user.uid);
      if (taken === undefined) continue;
      if (this.#areAccounts && !this.#clean.has(user.uid)) await killProcessesOf(user.uid);
      this.#clean.add(user.uid);
      return { ...user, release: taken };
    }
    return undefined;
  }

  /** Takes the user with this id, known to us or not, and gives what releases it; nothing when it is in use. */
  takeId(uid: number): (() => void) | undefined {
    if (this.#taken.has(uid)) return undefined;
    const fd = openSync(`${this.#pool}/${uid}`, 'a+', 0o600);
    if (!tryLock(fd, true)) {
      closeSync(fd);
      return undefined;
    }
    this.#taken.add(uid);
    return () => {
      this.#taken.delete(uid);
      closeSync(fd);
    };
  }
}

function checkUsers(users: readonly BuildUser[], group: string | undefined): void {
  const refuse = (message: string) => {
    throw new Fault('unusable-build-users-group', message, { group });
  };
  if (users.length === 0) refuse('this container has too few user ids to build as users of a private range');
  if (users.some(({ uid }) => uid === 0 || uid === process.getuid?.()))
    refuse(`the build user should not be a member of \`${group}'`);
  if (users.some(({ gid }) => gid === 0)) refuse(`the build users group \`${group}' may not be that of root`);
}
