/** Nix fetches from `cooper serve`: a closure, in every compression that both know, believed by its signature alone. */
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { lineOf, makeCooper, startServer } from '../functional/publish/running-server.ts';
import { isNixInstalled, linesOf, NixStore } from '../support/nix-store.ts';

t.setTimeout(300_000);

const skip = isNixInstalled() ? false : 'needs nix: there is nobody to fetch';

t.test('nix copy and nix-store --realise', { skip }, async (t) => {
  const cooper = makeCooper(t);
  await lineOf(cooper.run('key', 'generate', '--nix', 'test-1'));
  const key = readFileSync(join(cooper.state, 'etc/nix-signing-key.pub'), 'latin1');
  const tree = join(cooper.directory, 'tree');
  mkdirSync(join(tree, 'bin'), { recursive: true });
  cooper.file('tree/bin/run', '#!/bin/sh\n');
  chmodSync(join(tree, 'bin/run'), 0o755);
  cooper.file('tree/data', 'data\n'.repeat(300_000));
  symlinkSync('bin/run', join(tree, 'link'));
  const lower = await lineOf(cooper.run('store', 'add', tree));
  const upper = await lineOf(cooper.runWith(lower, 'store', 'add-text', 'upper+1.0', '--reference', lower));
  const expected = await cooper.run('store', 'query', '--hash', lower, upper);

  let round = 0;
  const fetchWith = (url: string, trusted: string, words: (destination: string) => readonly string[]) => {
    const directory = join(cooper.directory, `nix-${++round}`);
    const nix = new NixStore(cooper.store, directory);
    const destination = `local?root=${directory}/root`;
    const options = ['--option', 'trusted-public-keys', trusted, '--option', 'substituters', url];
    const experimental = ['--extra-experimental-features', 'nix-command'];
    const [program = '', ...rest] = words(destination);
    nix.run(program, [...(program === 'nix' ? experimental : []), ...rest, ...options]);
    return linesOf(nix.run('nix-store', ['--store', destination, '--query', '--hash', lower, upper]));
  };
  for (const compression of ['none', 'gzip', 'zstd', 'br', 'xz']) {
    const server = await startServer(t, cooper, '--compression', compression);
    const copy = (to: string) => ['nix', 'copy', '--from', server.url, '--to', to, upper];
    t.same(fetchWith(server.url, key, copy), linesOf(expected.stdout), `nix copy, ${compression}`);
    const realise = (to: string) => ['nix-store', '--store', to, '--realise', upper];
    t.same(fetchWith(server.url, key, realise), linesOf(expected.stdout), `nix-store --realise, ${compression}`);
    if (compression === 'none') {
      const other = `test-1:${Buffer.alloc(32, 1).toString('base64')}`;
      t.throws(() => fetchWith(server.url, other, copy), /lacks a (?:valid )?signature/, 'only with the right key');
    }
    t.equal(await server.stop(), 0);
  }
});
