/**
 * Users to build as, one build each: members of a group where the administrator has made one, else ids of a range that no
 * account has. A lock file for each, in the place where the reference has them, keeps every other program off.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { Fault } from '@cooper/fault';
import { tryLock } from '@cooper/system-calls';
import type { BuildUser } from '../core/place.ts';
import { membersOf } from './accounts.ts';

/** Far above the ids of accounts, containers' included, as systemd's documentation lays ids out. */
const firstPrivate = 872_415_232;
const privateCount = 1024;

export interface TakenUser extends BuildUser {
  release(): void;
}

export class BuildUsers {
  readonly #pool: string;
  readonly #users: readonly BuildUser[];
  readonly #taken = new Set<number>();

  /** `group`: whose members to use, if any. */
  constructor(stateDir: string, group: string | undefined) {
    this.#pool = `${stateDir}/userpool`;
    this.#users = group === undefined ? privateUsers() : membersOf(group);
    const own = this.#users.find(({ uid }) => uid === process.getuid?.());
    if (own !== undefined) {
      throw new Fault('unusable-build-users-group', `the build user should not be a member of \`${group}'`, { group });
    }
    mkdirSync(this.#pool, { recursive: true, mode: 0o755 });
  }

  /** A user whom nobody else builds as; nothing when all are in use. */
  take(): TakenUser | undefined {
    for (const user of this.#users) {
      if (this.#taken.has(user.uid)) continue;
      const fd = openSync(`${this.#pool}/${user.uid}`, 'a+', 0o600);
      if (!tryLock(fd, true)) {
        closeSync(fd);
        continue;
      }
      this.#taken.add(user.uid);
      return { ...user, release: () => this.#release(user.uid, fd) };
    }
    return undefined;
  }

  #release(uid: number, fd: number): void {
    this.#taken.delete(uid);
    closeSync(fd);
  }
}

function privateUsers(): readonly BuildUser[] {
  return Array.from({ length: privateCount }, (_, index) => {
    const id = firstPrivate + index;
    return { uid: id, gid: id, groups: [id] };
  });
}
