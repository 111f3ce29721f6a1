/**
 * A closure that `cooper serve` serves comes back in a second store, in each compression. Both have the same store
 * directory, so the second one lives in a mount namespace of its own: needs root.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { lineOf, makeCooper, startServer } from './running-server.ts';

t.setTimeout(300_000);

const skip = process.getuid?.() === 0 ? false : 'needs root: gives the second store a mount namespace';

/** Mounts the first directory over the second, for the command behind them alone. */
const inPlaceOf = 'mount --bind "$1" "$2"; shift 2; exec "$@"';

t.test('from store to store', { skip }, async (t) => {
  const cooper = makeCooper(t);
  await lineOf(cooper.run('key', 'generate'));
  const tree = join(cooper.directory, 'tree');
  mkdirSync(join(tree, 'bin'), { recursive: true });
  cooper.file('tree/bin/run', '#!/bin/sh\n');
  chmodSync(join(tree, 'bin/run'), 0o755);
  cooper.file('tree/data', 'data\n'.repeat(300_000));
  symlinkSync('bin/run', join(tree, 'link'));
  const lower = await lineOf(cooper.run('store', 'add', tree));
  const upper = await lineOf(cooper.runWith(lower, 'store', 'add-text', 'upper+1.0', '--reference', lower));
  const expected = (await cooper.run('store', 'query', '--hash', lower, upper)).stdout;

  for (const compression of ['none', 'zstd', 'xz']) {
    const server = await startServer(t, cooper, '--compression', compression);
    const other = join(cooper.directory, `other-${compression}`);
    mkdirSync(join(other, 'store'), { recursive: true });
    const second = (...words: string[]) =>
      inNamespace([join(other, 'store'), cooper.store], [cooper.executable, ...words]);
    const directories = ['--store-dir', cooper.store, '--state-dir', join(other, 'state')];
    const build = ['build', upper, '--substitute-urls', server.url, ...directories];
    t.match(await second(...build), { status: /^[1-9]/, said: '' }, 'nobody has authorized the key');
    const key = join(cooper.state, 'etc/signing-key.pub');
    t.match(await second('authorize', key, ...directories), { status: '0' });
    t.match(await second(...build), { status: '0', said: `${upper}\n` }, compression);
    const hashes = await second('store', 'query', '--hash', lower, upper, ...directories);
    t.match(hashes, { status: '0', said: expected });
    t.equal(await server.stop(), 0);
  }
});

async function inNamespace(mount: readonly string[], command: readonly string[]) {
  const child = spawn('unshare', ['-m', 'sh', '-ec', inPlaceOf, 'sh', ...mount, ...command], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<string>((resolve) =>
    child.once('close', (code, signal) => resolve(String(code ?? signal))),
  );
  const said = await text(child.stdout);
  return { status: await ended, said };
}
