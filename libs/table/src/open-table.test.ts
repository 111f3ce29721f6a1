/** Clients that find or start the processes. The table here is of stand-ins, started by the real supervisor. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type GivenValues, readSettings, type Settings } from '@cooper/config';
import t, { type Test } from 'tap';
import { areGone, configure } from '../../../apps/supervisor/test/running-supervisor.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { openTable } from './open-table.ts';

function settingsFor(state: string, given: GivenValues = {}): Settings {
  const own = { 'state-dir': state, 'store-dir': `${state}/store`, ...given };
  return readSettings({ given: own, environment: {}, uid: process.getuid?.() ?? 0 });
}

const supervisorOf = (state: string) => Number(readFileSync(`${state}/run/supervisor.lock`, 'utf8'));

function prepare(t: Test, processes: object = {}): string {
  const state = temporaryDirectory(t);
  configure(state, processes);
  return state;
}

// Many processes start here, on machines that may be busy.
t.setTimeout(110_000);

t.test('the first client starts the processes, and the last one ends them', async (t) => {
  const state = prepare(t);
  const first = await openTable(settingsFor(state), 'first');
  t.equal((await first.store()).server, 'store');
  t.equal(await first.store(), await first.store(), 'one connection, however often it is asked for');
  const second = await openTable(settingsFor(state), 'second');
  t.equal((await second.scheduler()).server, 'scheduler');
  const supervisor = supervisorOf(state);
  first.close();
  await delay(300);
  t.notOk(await areGone([supervisor], 0));
  second.close();
  t.ok(await areGone([supervisor], 10_000));
});

t.test('clients that come at once share what one of them starts', async (t) => {
  const state = prepare(t);
  const program = `
    import { readSettings } from '@cooper/config';
    import { openTable } from '@cooper/table';
    const given = { 'state-dir': process.env.STATE, 'store-dir': process.env.STATE + '/store' };
    const table = await openTable(readSettings({ given, environment: {}, uid: process.getuid() }), 'many');
    await (await table.store()).closed.constructor;
    console.log('connected');
    process.stdin.once('end', () => table.close()).resume();`;
  const clients = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      env: { ...process.env, STATE: state },
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  for (const { stdout } of clients) t.equal(String((await once(stdout, 'data'))[0]), 'connected\n');
  const supervisor = supervisorOf(state);
  for (const { stdin } of clients) stdin.end();
  for (const client of clients) if (client.exitCode === null) t.same(await once(client, 'exit'), [0, null]);
  t.ok(await areGone([supervisor], 10_000));
});

t.test('who comes while the last processes are going gets those that stay, or new ones', async (t) => {
  const state = prepare(t);
  const seen = new Set<number>();
  for (let turn = 0; turn < 6; turn++) {
    const table = await openTable(settingsFor(state), 'again');
    t.equal((await table.store()).server, 'store');
    seen.add(supervisorOf(state));
    table.close();
    await delay(turn * 15);
  }
  t.ok(seen.size > 1, `${seen.size} supervisors, one after the other`);
  t.ok(await areGone([...seen], 10_000));
});

t.test('settings that are not those of the running processes are told', async (t) => {
  const state = prepare(t);
  const first = await openTable(settingsFor(state, { 'max-jobs': '4', 'lose-logs': true }), 'first');
  t.same(first.otherSettings, []);
  const second = await openTable(settingsFor(state, { 'disable-chroot': true }), 'second');
  t.same(second.otherSettings, ['--max-jobs=4', '--lose-logs=true', '--disable-chroot=false']);
  first.close();
  second.close();
  t.ok(await areGone([supervisorOf(state)], 10_000));
});

t.test('a process that cannot be started is told with what it said', async (t) => {
  const state = prepare(t, { store: { command: ['/bin/sh', '-c', 'echo the disk is upside down >&2; exit 71'] } });
  const start = async () => {
    const table = await openTable(settingsFor(state), 'unlucky');
    return table.store();
  };
  await t.rejects(start(), { code: 'cannot-start', message: /the disk is upside down/ });
});

t.test('a configuration that is wrong is told before anything is started', async (t) => {
  const state = prepare(t);
  const settings = settingsFor(state);
  writeFileSync(`${state}/etc/cooper.json`, '{ "max-jbs": 3 }');
  await t.rejects(openTable(settings, 'unlucky'), {
    code: 'cannot-start',
    message: /did not start \(78\); (.|\n)*there is no setting `max-jbs'/,
  });
});

t.test('a state directory that is none', async (t) => {
  const state = `${temporaryDirectory(t)}/file`;
  writeFileSync(state, '');
  await t.rejects(openTable(settingsFor(state), 'unlucky'), { code: 'cannot-start', message: /cannot use .*run/ });
});

t.test('sockets that were left behind do not mislead', async (t) => {
  const state = prepare(t);
  const table = await openTable(settingsFor(state), 'first');
  await table.store();
  process.kill(supervisorOf(state), 'SIGKILL');
  table.close();
  t.ok(existsSync(`${state}/run/supervisor`));
  const next = await openTable(settingsFor(state), 'second');
  t.equal((await next.store()).server, 'store');
  next.close();
  t.ok(await areGone([supervisorOf(state)], 10_000));
});

t.test('a long log is put aside', async (t) => {
  const state = prepare(t);
  mkdirSync(`${state}/run`);
  writeFileSync(`${state}/run/log`, 'x'.repeat(5_000_000));
  const table = await openTable(settingsFor(state), 'first');
  t.ok(existsSync(`${state}/run/log.old`));
  t.ok(readFileSync(`${state}/run/log`).length < 1000);
  table.close();
  t.ok(await areGone([supervisorOf(state)], 10_000));
});
