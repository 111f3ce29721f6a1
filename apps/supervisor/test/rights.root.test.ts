/**
 * What each process of the table may do, as the kernel tells it: the table of rights in the architecture, held by a test. And
 * that all of it runs for a user without rights.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { configure, RunningSupervisor, supervisorProgram } from './running-supervisor.ts';

const root = process.getuid?.() === 0;
/** Somebody without an account or any rights. */
const user = 54_321;
const skip = root ? false : 'SKIPPED: rights are only to be seen to be cut where there are some: run as root';
const confine = fileURLToPath(new URL('../../../native/confine/build/confine', import.meta.url));

/** By number, from capability.h. */
const numbers = { chown: 0, dac_override: 1, dac_read_search: 2, fowner: 3, sys_ptrace: 19 } as const;
const bits = (names: readonly (keyof typeof numbers)[]) =>
  names.reduce((set, name) => set | (1n << BigInt(numbers[name])), 0n);

interface Status {
  readonly pid: number;
  readonly field: (name: string) => string;
}

/** The processes of the table that belong to this supervisor, by the names that they give themselves. */
function childrenOf(parent: number): ReadonlyMap<string, Status> {
  const children = new Map<string, Status>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const path = `/proc/${pid}/status`;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const field = (name: string) => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
    if (field('PPid') === String(parent)) children.set(field('Name'), { pid: Number(pid), field });
  }
  return children;
}

async function runningTable(
  supervisor: RunningSupervisor,
  others: readonly string[] = [],
): Promise<ReadonlyMap<string, Status>> {
  const wanted = ['cooper-store', 'cooper-schedul', 'cooper-builder', 'cooper-busy-ite', 'cooper-substit', ...others];
  for (;;) {
    const children = childrenOf(supervisor.child.pid ?? 0);
    const named = (name: string) => [...children.keys()].some((key) => key.startsWith(name));
    const settled = [...children.values()].every(({ field }) => field('Name').startsWith('cooper-'));
    if (wanted.every(named) && settled) return children;
    await delay(50);
  }
}

function find(table: ReadonlyMap<string, Status>, name: string): Status {
  const found = [...table].find(([key]) => key.startsWith(name));
  if (found === undefined) throw new Error(`no ${name}`);
  return found[1];
}

// Many processes start here, on machines that may be busy.
t.setTimeout(110_000);

t.test('S93: each process has the rights of the table, and no others', { skip }, async (t) => {
  t.ok(existsSync(confine), 'native/confine is built');
  const state = temporaryDirectory(t);
  const machines = `${state}/machines.json`;
  // Root's alone: it is read before the rights are gone.
  writeFileSync(machines, '{ "machines": [] }', { mode: 0o600 });
  const supervisor = new RunningSupervisor(t, state, [`--machines-file=${machines}`]);
  await runningTable(supervisor, ['cooper-offload']);
  // These drop their rights when they have loaded their programs: later than they take their names.
  const unprivileged = ['cooper-schedul', 'cooper-substit', 'cooper-offload'];
  for (const name of unprivileged)
    while (find(childrenOf(supervisor.child.pid ?? 0), name).field('CapEff') !== '0000000000000000') await delay(50);
  const table = await runningTable(supervisor, ['cooper-offload']);

  const store = find(table, 'cooper-store');
  t.match(store.field('Uid'), /^0\t/);
  const kept = bits(['chown', 'dac_override', 'fowner']);
  for (const set of ['CapPrm', 'CapEff', 'CapBnd']) t.equal(BigInt(`0x${store.field(set)}`), kept, `store ${set}`);
  t.equal(store.field('NoNewPrivs'), '1');

  for (const name of unprivileged) {
    const { field } = find(table, name);
    t.match(field('Uid'), /^(\d+)\t\1\t\1\t\1$/);
    t.notMatch(field('Uid'), /^0\t/);
    t.notMatch(field('Gid'), /^0\t/);
    t.equal(field('Groups'), '');
    // What is inheritable counts for files with capabilities alone, and no_new_privs rules those out.
    for (const set of ['CapPrm', 'CapEff', 'CapAmb']) t.match(field(set), /^0+$/, `${name} ${set}`);
    t.equal(field('NoNewPrivs'), '1');
  }

  const busyItems = find(table, 'cooper-busy-ite');
  const looking = bits(['sys_ptrace', 'dac_read_search']);
  for (const set of ['CapPrm', 'CapEff', 'CapBnd'])
    t.equal(BigInt(`0x${busyItems.field(set)}`), looking, `busy-items ${set}`);
  t.equal(busyItems.field('NoNewPrivs'), '1');

  t.match(find(table, 'cooper-builder').field('Uid'), /^0\t/, 'builds need a root that makes users and sandboxes');
  t.equal(await supervisor.stop(), 0);
});

t.test('no process holds a socket that is not its own', { skip }, async (t) => {
  const supervisor = new RunningSupervisor(t, temporaryDirectory(t));
  const table = await runningTable(supervisor);
  const sockets = new Map(
    ['cooper-store', 'cooper-schedul', 'cooper-builder', 'cooper-busy-ite', 'cooper-substit'].map((name) => {
      const { pid } = find(table, name);
      // 2 is the log, which all of them write.
      const own = readdirSync(`/proc/${pid}/fd`).filter((fd) => Number(fd) > 2);
      const links = own.map((fd) => {
        const path = `/proc/${pid}/fd/${fd}`;
        return existsSync(path) ? readlinkSync(path) : '';
      });
      return [name, links.filter((link) => link.startsWith('socket:'))] as const;
    }),
  );
  for (const [name, own] of sockets) {
    for (const [other, theirs] of sockets) {
      if (name < other)
        t.same(
          own.filter((one) => theirs.includes(one)),
          [],
          `${name} and ${other} share nothing`,
        );
    }
  }
  t.equal(await supervisor.stop(), 0);
});

t.test('an agent that the configuration adds has no rights from its start', { skip }, async (t) => {
  const state = temporaryDirectory(t);
  const said = `${state}/said`;
  writeFileSync(said, '');
  chmodSync(state, 0o755);
  chmodSync(said, 0o666);
  const command = ['/bin/sh', '-c', `cat /proc/self/status > ${said}.new || cat /proc/self/status > ${said}; sleep 60`];
  configure(state, { farm: { command } });
  const supervisor = new RunningSupervisor(t, state);
  while (!readFileSync(said, 'utf8').includes('NoNewPrivs')) await delay(20);
  const status = readFileSync(said, 'utf8');
  t.match(status, /^Uid:\t(?!0\t)(\d+)\t\1\t\1\t\1$/m);
  t.match(status, /^Gid:\t(?!0\t)(\d+)\t\1\t\1\t\1$/m);
  t.match(status, /^Groups:\t *$/m);
  for (const set of ['CapPrm', 'CapEff', 'CapAmb']) t.match(status, new RegExp(`^${set}:\t0+$`, 'm'));
  t.match(status, /^NoNewPrivs:\t1$/m);
  t.equal(await supervisor.stop(), 0);
});

t.test('without root, the same table runs as the user', { skip: skip || unreadable() }, async (t) => {
  const home = temporaryDirectory(t);
  chownSync(home, user, user);
  const state = `${home}/.local/state/cooper`;
  const supervisor = new RunningSupervisor(t, state, ['--linger=0'], { uid: user, gid: user, env: { HOME: home } });
  const lease = await supervisor.lease();
  for (const [name, { field }] of await runningTable(supervisor)) {
    t.match(field('Uid'), new RegExp(`^${user}\\t${user}\\t${user}\\t${user}$`), name);
    t.match(field('CapEff'), /^0+$/, name);
  }
  while (!existsSync(`${state}/db/db.sqlite`)) await delay(20);
  t.equal(statSync(state).uid, user);
  lease.destroy();
  t.equal(await supervisor.ended, 0);
  t.notMatch(await supervisor.said, /error/);
});

/** Whether the user could not run this checkout at all. */
function unreadable(): string | false {
  const { status } = spawnSync('/bin/sh', ['-c', 'test -x "$0"', supervisorProgram], { uid: user, gid: user });
  return status === 0 ? false : 'SKIPPED: the checkout is not readable for other users';
}
