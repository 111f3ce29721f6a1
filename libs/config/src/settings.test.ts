import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import {
  commandLine,
  type GivenValues,
  options,
  parseGiven,
  processTable,
  readSettings,
  settingValues,
} from './index.ts';

const uid = process.getuid?.() ?? 0;

interface Where {
  readonly given?: GivenValues;
  readonly environment?: Readonly<Record<string, string>>;
  readonly configuration?: unknown;
}

/** Settings of a user whose configuration holds this. */
function read(t: Test, { given = {}, environment = {}, configuration }: Where) {
  const directory = t.testdir();
  if (configuration !== undefined) {
    const text = typeof configuration === 'string' ? configuration : JSON.stringify(configuration);
    writeFileSync(`${directory}/cooper.json`, text, { mode: 0o644 });
  }
  return readSettings({ given: { 'configuration-dir': directory, ...given }, environment, uid });
}

t.test('defaults are those of guix-daemon', async (t) => {
  const settings = readSettings({ given: {}, environment: {}, uid: 0 });
  t.match(settings, {
    'max-jobs': 1,
    cores: 0,
    timeout: 86_400,
    'max-silent-time': 3600,
    'log-compression': 'gzip',
    'lose-logs': false,
    'disable-chroot': false,
    'sandbox-path': [],
    directories: {
      store: '/gnu/store',
      state: '/var/guix',
      log: '/var/log/guix',
      database: '/var/guix/db',
      configuration: '/etc/guix',
      run: '/var/guix/run',
    },
  });
  t.strictSame(
    settings.processes,
    processTable.filter(({ onlyWith }) => onlyWith === undefined),
  );
});

t.test('a process that serves one setting is there when that is set', async (t) => {
  const names = (environment: Readonly<Record<string, string>>) =>
    readSettings({ given: {}, environment, uid: 0 }).processes.map(({ name }) => name);
  t.notOk(names({}).includes('hook'));
  t.ok(names({ GUIX: '/usr/bin/guix' }).includes('hook'));
});

t.test('without root, all is below the state directory of the user', async (t) => {
  const directories = (environment: Readonly<Record<string, string>>) =>
    readSettings({ given: {}, environment, uid: 1000 }).directories;
  t.strictSame(directories({ HOME: '/home/ada' }), {
    store: '/home/ada/.local/state/cooper/store',
    state: '/home/ada/.local/state/cooper',
    log: '/home/ada/.local/state/cooper/log',
    database: '/home/ada/.local/state/cooper/db',
    configuration: '/home/ada/.config/cooper',
    run: '/home/ada/.local/state/cooper/run',
  });
  t.match(directories({ HOME: '/h', XDG_STATE_HOME: '/x', XDG_CONFIG_HOME: '/y' }), {
    state: '/x/cooper',
    configuration: '/y/cooper',
  });
});

t.test('the command line goes before the environment, that before the file, that before the default', async (t) => {
  const environment = { GUIX_LOG_DIRECTORY: '/from/environment' };
  const configuration = { 'log-dir': '/from/file', 'max-jobs': 7 };
  const given = { 'log-dir': '/from/command-line' };
  t.equal(read(t, { given, environment, configuration }).directories.log, '/from/command-line');
  t.equal(read(t, { environment, configuration }).directories.log, '/from/environment');
  t.equal(read(t, { environment: { GUIX_LOG_DIRECTORY: '' }, configuration }).directories.log, '/from/file');
  t.equal(read(t, { configuration })['max-jobs'], 7);
  t.equal(read(t, { given: { 'max-jobs': '3' }, configuration })['max-jobs'], 3);
});

t.test('the store directory has two variables', async (t) => {
  t.equal(read(t, { environment: { NIX_STORE: '/b' } }).directories.store, '/b');
  t.equal(read(t, { environment: { NIX_STORE_DIR: '/a', NIX_STORE: '/b' } }).directories.store, '/a');
});

t.test('a state directory elsewhere takes the rest with it, but for what is said otherwise', async (t) => {
  const { directories } = readSettings({
    given: { 'state-dir': '/s//t/', 'database-dir': '/d' },
    environment: {},
    uid: 0,
  });
  t.match(directories, {
    store: '/gnu/store',
    state: '/s/t',
    log: '/s/t/log',
    database: '/d',
    configuration: '/s/t/etc',
  });
});

t.test('the state directory named as it is anyway moves nothing', async (t) => {
  const named = readSettings({ given: {}, environment: { GUIX_STATE_DIRECTORY: '/var/guix' }, uid: 0 });
  t.strictSame(named.directories, readSettings({ given: {}, environment: {}, uid: 0 }).directories);
});

t.test('values that do not fit are refused by name', async (t) => {
  const wrong: readonly (readonly [GivenValues, RegExp])[] = [
    [{ 'max-jobs': '-1' }, /--max-jobs takes a number, not `-1'/],
    [{ 'max-jobs': '1e3' }, /--max-jobs takes a number/],
    [{ 'max-jobs': ['5'] }, /--max-jobs takes a number/],
    [{ 'log-compression': 'xz' }, /--log-compression takes one of gzip, bzip2, zstd, none, not `xz'/],
    [{ 'lose-logs': 'yes' }, /--lose-logs takes true or false/],
    [{ 'sandbox-path': '/bin' }, /--sandbox-path takes a list of texts/],
    [{ system: 5 }, /--system takes text/],
    [{ 'store-dir': 'relative' }, /--store-dir takes an absolute path, not `relative'/],
    [{ 'store-dir': '/a/../b' }, /--store-dir takes a path without/],
  ];
  for (const [given, message] of wrong) t.throws(() => read(t, { given }), { code: 'invalid-option', message });
});

t.test('the configuration file is strict', async (t) => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ 'max-jbs': 1 }, /cooper\.json: there is no setting `max-jbs'/],
    [{ toString: 1 }, /there is no setting `toString'/],
    [[], /expected an object/],
    ['null', /expected an object/],
    ['{ "max-jobs": 1, }', /cooper\.json: .*JSON/],
  ];
  for (const [configuration, message] of wrong) {
    t.throws(() => read(t, { configuration }), { code: 'invalid-configuration', message });
  }
  t.throws(() => read(t, { configuration: { 'max-jobs': 'many' } }), {
    message: /--max-jobs takes a number, not `many'/,
  });
  const directory = t.testdir({ 'cooper.json': {} });
  const given = { 'configuration-dir': directory };
  t.throws(() => readSettings({ given, environment: {}, uid }), { message: /cannot read .*EISDIR/ });
});

t.test('what root reads must be root’s alone', { skip: uid !== 0 && 'SKIPPED: needs root' }, async (t) => {
  const directory = t.testdir({ 'cooper.json': '{ "cores": 3 }' });
  const readAsRoot = () => readSettings({ given: { 'configuration-dir': directory }, environment: {}, uid: 0 });
  t.equal(readAsRoot().cores, 3);
  chmodSync(`${directory}/cooper.json`, 0o664);
  t.throws(readAsRoot, { code: 'invalid-configuration', message: /others than root may write/ });
  chmodSync(`${directory}/cooper.json`, 0o644);
  chownSync(`${directory}/cooper.json`, 1000, 0);
  t.throws(readAsRoot, { code: 'invalid-configuration' });
  t.equal(readSettings({ given: { 'configuration-dir': directory }, environment: {}, uid: 1000 }).cores, 3);
});

t.test('what a process is started with gives it the same settings, whatever surrounds it', async (t) => {
  const names = Object.keys(options) as (keyof typeof options)[];
  const settings = read(t, {
    given: { 'sandbox-path': ['/bin/sh=/gnu/store/x', '/dev/kvm'], 'lose-logs': true, system: 'i686-linux' },
    environment: { NIX_STORE_DIR: '/elsewhere' },
    configuration: { 'max-jobs': 5, 'disable-chroot': true },
  });
  const environment = { NIX_STORE_DIR: '/wrong', GUIX_LOG_DIRECTORY: '/wrong' };
  const again = readSettings({ given: parseGiven(commandLine(settings, names)), environment, uid });
  t.strictSame(settingValues(again), settingValues(settings));
  t.strictSame(commandLine(settings, ['cores', 'lose-logs']), ['--cores=0', '--lose-logs']);
});

t.test('words that are no options are refused', async (t) => {
  for (const words of [['--nosuch'], ['word'], ['--max-jobs'], ['--lose-logs=1']]) {
    t.throws(() => parseGiven(words), { code: 'invalid-option' }, words.join(' '));
  }
});
