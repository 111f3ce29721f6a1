/** `cooper store`: store items in, out, and what is known of them. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { hashBytes } from '@cooper/hash';
import { makeFixedOutputPath, makeTextPath } from '@cooper/store-path';
import t from 'tap';
import { TemporaryCooper } from './temporary-cooper.ts';

const cooper = new TemporaryCooper();
t.teardown(() => cooper.remove());

const tree = join(cooper.directory, 'tree');
mkdirSync(join(tree, 'bin'), { recursive: true });
cooper.file('tree/bin/run', '#!/bin/sh\n');
chmodSync(join(tree, 'bin/run'), 0o755);
cooper.file('tree/data', 'data\n'.repeat(100_000));
symlinkSync('bin/run', join(tree, 'link'));
const binary = (text: string) => Buffer.from(text, 'latin1');

t.test('archives: dump, hash and restore', async (t) => {
  const dumped = await cooper.runBare('store', 'dump', tree);
  t.equal(dumped.status, 0, dumped.stderr);
  const nar = binary(dumped.stdout);
  const digest = hashBytes('sha256', nar);
  t.match((await cooper.runBare('store', 'hash', tree)).stdout, /^sha256:[0-9a-z]{52}\n$/);
  t.equal(
    (await cooper.runBare('store', 'hash', '--format', 'base16', tree)).stdout,
    `sha256:${Buffer.from(digest.digest).toString('hex')}\n`,
  );
  t.equal(
    (await cooper.runBare('store', 'hash', '--format', 'sri', tree)).stdout,
    `sha256-${Buffer.from(digest.digest).toString('base64')}\n`,
  );
  const flat = await cooper.runBare(
    'store',
    'hash',
    '--flat',
    '--algorithm',
    'sha1',
    '--format',
    'base16',
    join(tree, 'data'),
  );
  t.equal(flat.stdout, `sha1:${execFileSync('sha1sum', [join(tree, 'data')], { encoding: 'utf8' }).slice(0, 40)}\n`);
  const copy = join(cooper.directory, 'copy');
  t.match(await cooper.runBareWith(nar, 'store', 'restore', copy), { status: 0, stderr: '' });
  t.equal(readlinkSync(join(copy, 'link')), 'bin/run');
  t.equal(statSync(join(copy, 'bin/run')).mode & 0o111, 0o111);
  t.ok(binary((await cooper.runBare('store', 'dump', copy)).stdout).equals(nar));
  t.match(await cooper.runBareWith(nar, 'store', 'restore', copy), { status: 1, stderr: /^cooper: error: .*copy/ });
  t.match(await cooper.runBareWith(nar.subarray(0, 500), 'store', 'restore', `${copy}-cut`), {
    status: 1,
    stderr: /^cooper: error: /,
  });
  t.match(await cooper.runBare('store', 'dump', `${tree}/nonesuch`), {
    status: 1,
    stdout: '',
    stderr: /^cooper: error: .*nonesuch/,
  });
});

t.test('files and trees into the store', async (t) => {
  const storeDir = cooper.store;
  const nar = hashBytes('sha256', binary((await cooper.runBare('store', 'dump', tree)).stdout));
  const added = await cooper.run('store', 'add', tree);
  t.equal(
    added.stdout,
    `${makeFixedOutputPath({ storeDir, name: 'tree', recursive: true, hash: nar })}\n`,
    added.stderr,
  );
  t.equal(readFileSync(join(added.stdout.trim(), 'link'), 'utf8'), '#!/bin/sh\n');
  const hash = hashBytes('sha256', readFileSync(join(tree, 'bin/run')));
  const flat = await cooper.run('store', 'add', '--flat', '--name', 'script', join(tree, 'bin/run'));
  t.equal(flat.stdout, `${makeFixedOutputPath({ storeDir, name: 'script', recursive: false, hash })}\n`, flat.stderr);
  t.equal(statSync(flat.stdout.trim()).mode & 0o111, 0, 'an item that is known by its contents is not executable');
  t.match(await cooper.run('store', 'add', 'nonesuch'), { status: 1, stderr: /^cooper: error: .*nonesuch/ });
});

t.test('texts, and what they refer to', async (t) => {
  const storeDir = cooper.store;
  const first = (await cooper.runWith('first\n', 'store', 'add-text', 'first')).stdout.trim();
  const contentsHash = hashBytes('sha256', Buffer.from('first\n'));
  t.equal(first, makeTextPath({ storeDir, name: 'first', contentsHash, references: [] }));
  const file = cooper.file('second.txt', `see ${first}\n`);
  const second = (await cooper.run('store', 'add-text', 'second', file, '--reference', first)).stdout.trim();
  const ask = async (question: string, ...paths: string[]) =>
    (await cooper.run('store', 'query', `--${question}`, ...paths)).stdout;
  t.equal(await ask('references', second), `${first}\n`);
  t.equal(await ask('references', first), '');
  t.equal(await ask('referrers', first), `${second}\n`);
  t.equal(await ask('requisites', second), `${first}\n${second}\n`);
  t.equal(await ask('deriver', second), 'unknown-deriver\n');
  const nar = binary((await cooper.runBare('store', 'dump', first)).stdout);
  t.equal(await ask('size', first), `${nar.length}\n`);
  t.equal(await ask('hash', first), (await cooper.runBare('store', 'hash', first)).stdout);
});

t.test('questions about a build', async (t) => {
  const recipe = cooper.recipe(`export default shell('two', 'echo > $out; echo > $doc', { outputs: ['out', 'doc'] });`);
  const [out = '', doc] = (await cooper.run('build', '-f', recipe)).stdout
    .trim()
    .split('\n')
    .sort((a, b) => a.length - b.length);
  const drv = (await cooper.run('store', 'query', '--deriver', out)).stdout.trim();
  t.match(drv, /-two\.drv$/);
  t.same((await cooper.run('store', 'query', '--outputs', drv)).stdout.trim().split('\n').sort(), [out, doc].sort());
  t.equal((await cooper.run('store', 'query', '--references', `${out}`, drv)).status, 0);
});

t.test('validity, and questions that have no answer', async (t) => {
  const valid = (await cooper.runWith('x', 'store', 'add-text', 'x')).stdout.trim();
  const absent = `${cooper.store}/${'0'.repeat(32)}-absent`;
  t.match(await cooper.run('store', 'query', '--valid', valid), { status: 0, stdout: `${valid}\n` });
  t.match(await cooper.run('store', 'query', '--valid', valid, absent), {
    status: 1,
    stdout: `${valid}\n`,
    stderr: '',
  });
  t.match(await cooper.run('store', 'query', '--hash', absent), {
    status: 1,
    stdout: '',
    stderr: /^cooper: error: path `.*-absent' is not valid$/m,
  });
  t.match(await cooper.run('store', 'query', valid), {
    status: 1,
    stderr: /^cooper: error: ask one question: --references/,
  });
  t.match(await cooper.run('store', 'query', '--hash', '--size', valid), { status: 1, stderr: /ask one question/ });
});

t.test('a path may be a file in a store item, or a link to it', async (t) => {
  const item = (await cooper.run('store', 'add', tree)).stdout.trim();
  const link = join(cooper.directory, 'result');
  symlinkSync(join(item, 'bin'), link);
  for (const path of [`${item}/bin/run`, 'result', `${link}/run`]) {
    t.equal((await cooper.run('store', 'query', '--valid', path)).stdout, `${item}\n`, path);
  }
});

t.test('from store to store', async (t) => {
  const first = (await cooper.runWith('one\n', 'store', 'add-text', 'one')).stdout.trim();
  const second = (await cooper.runWith(`${first}\n`, 'store', 'add-text', 'two', '--reference', first)).stdout.trim();
  const exported = await cooper.run('store', 'export', '--requisites', second);
  t.equal(exported.status, 0, exported.stderr);
  const other = ['--store-dir', cooper.store, '--state-dir', join(cooper.directory, 'other-state')];
  const stream = binary(exported.stdout);
  const refused = await cooper.runBareWith(stream, 'store', 'import', ...other);
  t.match(refused, { status: 1, stdout: '', stderr: /^cooper: error: / }, 'nobody has signed it');
  const imported = await cooper.runBareWith(stream, 'store', 'import', '--allow-unsigned', ...other);
  t.match(imported, { status: 0, stdout: `${first}\n${second}\n` }, imported.stderr);
  t.equal((await cooper.runBare('store', 'query', '--references', second, ...other)).stdout, `${first}\n`);
});

t.test('output that nobody reads to its end', async (t) => {
  const command = `"${cooper.executable}" store dump "${tree}" | head -c 10 | wc -c`;
  t.equal(execFileSync('sh', ['-c', `${command} 2>&1`], { encoding: 'utf8' }).trim(), '10');
});
