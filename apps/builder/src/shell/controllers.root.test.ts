/** Any controller of version 2 shows how they come to the groups of builds: which ones it has differs from machine to machine. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { delegatedGroup } from './controllers.ts';

const mount = / (\S+) cgroup2 /.exec(readFileSync('/proc/mounts', 'utf8'))?.[1] ?? '';
const controller = read(`${mount}/cgroup.controllers`).trim().split(' ')[0] ?? '';
const isRoot = process.getuid?.() === 0;
const skip = isRoot && controller !== '' ? false : 'needs root, and a controller in version 2';
const enable = `
  import { enableControllers } from '${fileURLToPath(new URL('controllers.ts', import.meta.url))}';
  import { readFileSync } from 'node:fs';
  try {
    enableControllers(process.argv[1], [process.argv[2]]);
  } catch (error) {
    console.log(error.code, error.message);
  }
  console.log(readFileSync('/proc/self/cgroup', 'utf8').match(/^0::(.*)$/m)[1]);
`;

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** A group like that of a service with a part of the hierarchy to itself, with `controller`. */
function makeGroup(test: Test): string {
  const file = `${mount}/cgroup.subtree_control`;
  const wasEnabled = read(file).split(/\s/).includes(controller);
  writeFileSync(file, `+${controller}`);
  const group = `${mount}/cooper-test-${process.pid}`;
  mkdirSync(group);
  test.teardown(() => {
    for (const name of readdirSync(group).filter((name) => name.startsWith('cooper-'))) rmdirSync(`${group}/${name}`);
    rmdirSync(group);
    if (!wasEnabled) writeFileSync(file, `-${controller}`);
  });
  return group;
}

/** Has a shell in `group` run `words`, with a process that enables the controller as "$@". */
function within(group: string, words: string): string {
  const command = [process.execPath, '--input-type=module-typescript', '-e', enable, group, controller];
  const script = `echo $$ > ${group}/cgroup.procs; ${words}`;
  return spawnSync('sh', ['-ec', script, 'sh', ...command], { encoding: 'utf8' }).stdout;
}

t.test(
  'whoever is alone in its group moves down, and the groups beside it have the controller',
  { skip },
  async (t) => {
    const group = makeGroup(t);
    const name = group.slice(mount.length);
    t.equal(within(group, 'exec "$@"'), `${name}/cooper-processes\n`);
    t.equal(read(`${group}/cgroup.subtree_control`).trim(), controller);
    t.equal(delegatedGroup(`${group}/cooper-processes`), group, 'and is found again from there');
    t.equal(delegatedGroup(group), group);
  },
);

t.test('others in the group are left alone, and the fault says so', { skip }, async (t) => {
  const group = makeGroup(t);
  const said = within(group, '"$@"; echo');
  t.match(said, /^cannot-limit-builds .*process \d+, which is not of Cooper/);
  t.match(said, new RegExp(`^${group.slice(mount.length)}$`, 'm'), 'nobody has moved');
  t.equal(read(`${group}/cgroup.subtree_control`).trim(), '');
});
