/** The executables: they find Node and the program by themselves, from anywhere, in any environment. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { supervisorProgram } from './running-supervisor.ts';

const checkout = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const environment = { PATH: '/usr/local/bin:/usr/bin:/bin' };

function start(program: string, env: NodeJS.ProcessEnv = environment, cwd = '/') {
  return spawnSync(program, ['--nosuch'], { env, cwd, encoding: 'utf8' });
}

t.test('through links, from any directory, without any environment', async (t) => {
  const directory = temporaryDirectory(t);
  symlinkSync(supervisorProgram, `${directory}/first`);
  symlinkSync('first', `${directory}/second`);
  for (const { status, stderr } of [
    start(supervisorProgram),
    start(`${directory}/second`),
    start('./second', environment, directory),
    start('second', { PATH: `${directory}:${environment.PATH}` }, directory),
  ]) {
    t.equal(status, 64);
    t.match(stderr, /^cooper-supervisor: error: Unknown option '--nosuch'/);
  }
});

t.test('a checkout whose path has blanks; one that is not set up says so', async (t) => {
  const copy = `${temporaryDirectory(t)}/a check out`;
  mkdirSync(`${copy}/apps/supervisor`, { recursive: true });
  cpSync(`${checkout}/tools/run`, `${copy}/tools/run`, { recursive: true });
  cpSync(`${checkout}/apps/supervisor/bin`, `${copy}/apps/supervisor/bin`, { recursive: true });
  const { status, stderr } = start(`${copy}/apps/supervisor/bin/cooper-supervisor`);
  t.equal(status, 71);
  t.match(stderr, /node_modules\/\.bin\/node is missing; run `npm start' in .*\/a check out first/);
  symlinkSync(`${checkout}/node_modules`, `${copy}/node_modules`);
  symlinkSync(`${checkout}/libs`, `${copy}/libs`);
  symlinkSync(`${checkout}/native`, `${copy}/native`);
  cpSync(`${checkout}/apps/supervisor/src`, `${copy}/apps/supervisor/src`, { recursive: true });
  t.equal(start(`${copy}/apps/supervisor/bin/cooper-supervisor`).status, 64);
});

t.test('what Node compiled is kept where the user may write, or where the user says', async (t) => {
  const cache = temporaryDirectory(t);
  start(supervisorProgram, { ...environment, NODE_COMPILE_CACHE: `${cache}/own` });
  t.ok(existsSync(`${cache}/own`));
  if (process.getuid?.() !== 0) return;
  chmodSync(cache, 0o777);
  const env = { ...environment, HOME: cache };
  const { status } = spawnSync(supervisorProgram, ['--nosuch'], { env, cwd: '/', uid: 54_321, gid: 54_321 });
  if (status !== 64) return t.comment('SKIPPED: the checkout is not readable for other users');
  t.ok(existsSync(`${cache}/.cache/cooper`));
});
