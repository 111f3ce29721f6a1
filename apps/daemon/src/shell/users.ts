/** The names of users, from the accounts of this machine. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** How long, in ms, a directory of accounts elsewhere may take to answer. */
const patience = 5000;

export interface User {
  readonly name: string;
  readonly uid: number;
}

export class Users {
  readonly #known = new Map<number, User>();

  /** The user `uid`, who is called by that number where no account has it. */
  async byId(uid: number): Promise<User> {
    const known = this.#known.get(uid);
    if (known !== undefined) return known;
    const user = (await find(String(uid), (account) => account.uid === uid)) ?? { name: String(uid), uid };
    this.#known.set(uid, user);
    return user;
  }

  /** The user called `name`, if there is one. */
  byName(name: string): Promise<User | undefined> {
    return find(name, (account) => account.name === name);
  }
}

async function find(key: string, isMeant: (user: User) => boolean): Promise<User | undefined> {
  const local = parse(await readFile('/etc/passwd', 'utf8').catch(noAccounts)).find(isMeant);
  return local ?? parse(await askServices(key)).find(isMeant);
}

/** What the services say that /etc/nsswitch.conf names; nothing where there are none. */
function askServices(key: string): Promise<string> {
  if (!/^[\w.-]+$/.test(key)) return Promise.resolve('');
  return new Promise((resolve) => {
    execFile('getent', ['passwd', key], { timeout: patience }, (error, output) => resolve(error ? '' : output));
  });
}

function parse(accounts: string): User[] {
  return accounts.split('\n').flatMap((line) => {
    const [name, , uid] = line.split(':');
    return name !== undefined && name !== '' && uid !== undefined && /^\d+$/.test(uid)
      ? [{ name, uid: Number(uid) }]
      : [];
  });
}

function noAccounts(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
