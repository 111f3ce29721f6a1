/**
 * S93: what the kernel says of every process that runs when a machine serves clients, other machines and substitutes: its
 * user, its capabilities, whether it can gain any, and which of our directories it can write to.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { processesOf } from '../../support/process-tree.ts';
import { TemporaryCooper, until } from '../cli/temporary-cooper.ts';

const skip = process.getuid?.() === 0 ? false : 'SKIPPED: rights are only cut where there are some: run as root';

/** By number, from capability.h. */
const capabilities = { chown: 0, dac_override: 1, dac_read_search: 2, fowner: 3, sys_ptrace: 19 } as const;

/** What a process keeps of root's capabilities; `none`: it is another user, too. */
type Kept = 'all' | 'none' | readonly (keyof typeof capabilities)[];

/** By the beginning of the name that the kernel shows. */
const table: Readonly<Record<string, Kept>> = {
  'cooper-supervi': 'all',
  'cooper-store': ['chown', 'dac_override', 'fowner'],
  'cooper-schedul': 'none',
  'cooper-builder': 'all',
  'cooper-hook': 'all',
  'cooper-busy-it': ['sys_ptrace', 'dac_read_search'],
  'cooper-substit': 'none',
  'cooper-offload': 'none',
  'cooper-daemon': 'none',
  'cooper-publish': 'none',
  'cooper-remote': 'none',
};

/** Where those that are another user, the same one, may write. */
const theirs = ['state/log/elsewhere', 'state/substitute', 'state/offload', 'cache'];

/** Where they might try to. */
const ours = [
  ...['store', 'state', 'state/db', 'state/db/db.sqlite', 'state/etc', 'state/gcroots', 'state/run', 'state/run/store'],
  ...['state/log', ...theirs],
];

t.setTimeout(240_000);

t.test('every process has the rights of the table, and no others', { skip }, async (t) => {
  const cooper = new TemporaryCooper();
  t.teardown(() => cooper.remove());
  mkdirSync(join(cooper.directory, 'cache'));
  const machines = cooper.file('machines.json', '{ "machines": [] }');
  const hook = cooper.file('hook', '#!/bin/sh\nexec sleep 1000\n');
  chmodSync(hook, 0o755);
  mkdirSync(join(cooper.state, 'etc'), { recursive: true });
  const settings = { 'machines-file': machines, 'build-hook': hook };
  writeFileSync(join(cooper.state, 'etc/cooper.json'), JSON.stringify(settings));
  const running = [cooper.start('daemon')];
  t.teardown(async () => {
    for (const { process } of running.toReversed()) process.kill();
    await Promise.all(running.map(({ ended }) => ended));
  });
  await until(() => statusOf(cooper.directory, 'cooper-daemon') !== undefined, 'the daemon is there', 60_000);
  t.equal((await cooper.run('key', 'generate')).status, 0);
  running.push(cooper.start('serve', '--listen', '127.0.0.1:0', '--cache', join(cooper.directory, 'cache')));
  running.push(cooper.start('remote'));

  for (const [name, keeps] of Object.entries(table)) {
    const field = (key: string) => statusOf(cooper.directory, name)?.(key) ?? '';
    // Some cut their rights when their program is loaded: later than they take their names.
    const isCut = () =>
      keeps === 'none' ? /^[1-9]/.test(field('Uid')) && isNothing(field('CapPrm')) : field('Uid') !== '';
    await until(isCut, `${name} has its rights`, 60_000);
    t.match(field('Uid'), /^(\d+)\t\1\t\1\t\1$/, `${name} is one user`);
    if (keeps === 'all') continue;
    t.equal(field('NoNewPrivs'), '1', `${name} gains nothing`);
    const kept = keeps === 'none' ? 0n : keeps.reduce((set, one) => set | (1n << BigInt(capabilities[one])), 0n);
    for (const set of ['CapPrm', 'CapEff']) t.equal(BigInt(`0x${field(set)}`), kept, `${name} ${set}`);
    if (keeps !== 'none') continue;
    t.ok(isNothing(field('CapAmb')), `${name} hands nothing on`);
    t.notMatch(field('Gid'), /\b0\b/, `${name} is not of root's group`);
    t.equal(field('Groups'), '', `${name} has no other groups`);
    const user = { uid: parseInt(field('Uid'), 10), gid: parseInt(field('Gid'), 10) };
    const able = () => ours.filter((path) => canWrite(join(cooper.directory, path), user));
    await until(() => able().length >= theirs.length, 'all directories are there', 60_000);
    t.same(able(), theirs, `${name} writes where it has to, and nowhere else`);
  }
});

function isNothing(set: string): boolean {
  return /^0+$/.test(set);
}

type Field = (name: string) => string;

/** The fields of a process's status, if it is there. */
function statusOf(directory: string, name: string): Field | undefined {
  for (const { pid } of processesOf(directory)) {
    // It may be gone.
    const text = spawnSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' }).stdout;
    const field = (key: string) => new RegExp(`^${key}:\\t(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
    if (field('Name').startsWith(name)) return field;
  }
  return undefined;
}

function canWrite(path: string, user: { readonly uid: number; readonly gid: number }): boolean {
  return spawnSync('test', ['-w', path], user).status === 0;
}
