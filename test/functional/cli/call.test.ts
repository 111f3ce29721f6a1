/** `cooper call`: each process that needs no other answers alone, started by its executable; the others, as they are wired. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { thisSystem } from '@cooper/config';
import t, { type Test } from 'tap';
import { executable } from './documented-commands.ts';
import { TemporaryCooper } from './temporary-cooper.ts';

const program = (name: string) => executable.replace('cli/bin/cooper', `${name}/bin/cooper-${name}`);

const hostPaths = ['/bin', '/usr', '/lib', '/lib64']
  .filter((path) => existsSync(path))
  .map((path) => ({ target: path, source: path }));

t.setTimeout(110_000);

function setting(t: Test) {
  const cooper = new TemporaryCooper();
  t.teardown(() => cooper.remove());
  const directories = [`--store-dir=${cooper.store}`, `--state-dir=${cooper.state}`];
  const call = async (...words: readonly string[]) => {
    const { status, stdout, stderr } = await cooper.runBare('call', ...words);
    return {
      status,
      stderr,
      answers: stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
    };
  };
  return { cooper, call, directories };
}

t.test('the store, alone', async (t) => {
  const { cooper, call, directories } = setting(t);
  const own = ['--', program('store'), ...directories];
  const text = JSON.stringify({ texts: [{ name: 'it', contents: 'hello\n', references: [] }] });
  const added = await call('store', 'addTexts', text, ...own);
  t.match(added, { status: 0, answers: [{ paths: [/-it$/] }] }, added.stderr);
  const path = added.answers[0].paths[0];
  t.equal(readFileSync(path, 'utf8'), 'hello\n');
  t.match((await call('store', 'queryValidPaths', JSON.stringify({ paths: [path] }), ...own)).answers, [
    { paths: [path] },
  ]);
  await cooper.quiet();
});

t.test('the substituter, alone', async (t) => {
  const { cooper, call, directories } = setting(t);
  const params = JSON.stringify({ paths: [`${cooper.store}/${'a'.repeat(32)}-it`] });
  const urls = `--substitute-urls=file://${cooper.directory}`;
  const { status, answers, stderr } = await call(
    'substitute',
    'query',
    params,
    '--',
    program('substitute'),
    ...directories,
    urls,
  );
  t.match({ status, answer: answers.at(-1) }, { status: 0, answer: { infos: [null] } }, stderr);
});

t.test('the builder, alone', async (t) => {
  const { cooper, call, directories } = setting(t);
  mkdirSync(cooper.store);
  mkdirSync(join(cooper.state, 'staging'), { recursive: true, mode: 0o700 });
  const job = {
    ...{ derivation: `${cooper.store}/${'a'.repeat(32)}-it.drv`, mode: 'normal', system: thisSystem() },
    ...{ builder: '/bin/sh', args: ['-c', 'echo "$greeting"'], environment: [{ name: 'greeting', value: 'hello' }] },
    ...{ directoryVariables: ['PWD'], files: [], inputs: [], outputs: [], directory: `${cooper.state}/staging` },
    ...{ sandbox: true, sandboxPaths: hostPaths, network: 'private', impersonateLinux26: false, keepFailed: false },
    ...{ limits: { timeout: 0, maxSilentTime: 0, maxLogSize: 0 }, log: null, features: [], preferLocal: false },
  };
  const own = ['--', program('builder'), ...directories];
  const { answers, stderr } = await call('build-agent', 'offer', JSON.stringify({ job }), ...own);
  const [started, log, answer] = answers;
  t.match(started, { event: 'started' }, stderr);
  t.match(log, { event: 'log', data: 'hello\n' });
  t.match(answer, { outcome: { status: 'succeeded' } });
});

t.test('what needs a store says so', async (t) => {
  const { call, directories } = setting(t);
  for (const [contract, method, name] of [
    ['scheduler', 'snapshot', 'scheduler'],
    ['build-agent', 'settle', 'hook'],
  ] as const) {
    const params = name === 'hook' ? '{"held": 1, "failed": true}' : '{}';
    const { status, stderr } = await call(contract, method, params, '--', program(name), ...directories);
    t.not(status, 0);
    t.match(stderr, /needs a store: --channel store=FD/);
  }
});

t.test('what builds for another machine, over its standard input and output', async (t) => {
  const { cooper, call, directories } = setting(t);
  const { status, answers, stderr } = await call('remote', 'describe', '--', executable, 'remote', ...directories);
  t.equal(status, 0, stderr);
  t.match(answers, [{ storeDir: cooper.store }]);
});

t.test(
  'contracts and calls that are not there are refused by their names, those that the processes serve answered',
  async (t) => {
    const { cooper, call, directories } = setting(t);
    t.match((await call('stores', 'x')).stderr, /`stores' is not one of: store, scheduler, .*remote, machines/);
    t.match((await call('store', 'query')).stderr, /no call `query', but /);
    t.match((await call('machines', 'list')).stderr, /say which program serves the contract machines/);
    const list = ['machines', 'list', `--machines-file=${cooper.file('machines.json', '{ "machines": [] }')}`];
    t.same((await call(...list, ...directories)).answers, [{ machines: [] }]);
    t.match((await call('store', 'queryValidPaths', '{')).stderr, /the parameters are no JSON/);
    t.equal(spawnSync(executable, ['call']).status === 0, false);
  },
);
