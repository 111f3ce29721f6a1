/**
 * Cooper beside Nix: each builds the same derivations in a store at the same path, one after the other, and all that
 * the two then say of every output is equal (S90: odd bytes included). Items also go from each to the other in exports.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { isNixInstalled, linesOf, NixStore } from '../support/nix-store.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const skip = skipReason();
const executable = fileURLToPath(new URL('../../apps/cli/bin/cooper', import.meta.url));
const expressions = fileURLToPath(new URL('derivations.nix', import.meta.url));
const sandbox = ['/bin', '/usr', '/lib', '/lib64']
  .filter((path) => existsSync(path))
  .flatMap((path) => ['--sandbox-path', path]);

function skipReason(): string | false {
  if (process.getuid?.() !== 0) return 'needs root: Cooper builds in a sandbox as another user';
  return isNixInstalled() ? false : 'needs nix-store: there is nothing to compare with';
}

/** Runs `cooper` with a store below `root`. Throws when it fails. */
function cooper(root: string, words: readonly string[], input: Uint8Array = Buffer.alloc(0)): Buffer {
  const directories = ['--store-dir', join(root, 'store'), '--state-dir', join(root, 'state')];
  const others = ['--log-dir', join(root, 'log'), '--configuration-dir', join(root, 'configuration')];
  return bare([...words, ...directories, ...others], input);
}

function bare(words: readonly string[], input: Uint8Array = Buffer.alloc(0)): Buffer {
  const done = spawnSync(executable, words, { input, maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`cooper ${words.join(' ')} exits with ${done.status}: ${done.stderr}`);
  return done.stdout;
}

/** What Cooper says of every path, beside what Nix said. What each refers to is compared when Nix takes it in. */
function compareFacts(t: Test, root: string, facts: ReadonlyMap<string, ReturnType<NixStore['facts']>>): void {
  const paths = [...facts.keys()];
  const ask = (question: string, asked: readonly string[]) =>
    linesOf(cooper(root, ['store', 'query', `--${question}`, ...asked]));
  const hashes = ask('hash', paths);
  const sizes = ask('size', paths).map(Number);
  for (const [index, path] of paths.entries()) {
    const { hash, size } = facts.get(path) ?? {};
    t.same({ hash: hashes[index], size: sizes[index] }, { hash, size }, path);
  }
}

t.test('outputs, and exports in both directions', { skip }, async (t) => {
  const root = temporaryDirectory(t);
  const storeDir = join(root, 'store');
  const nix = new NixStore(storeDir, join(root, 'nix'));
  const derivations = linesOf(nix.run('nix-instantiate', [expressions])).map((line) => line.replace(/!.*$/, ''));
  const closure = nix.lines('--query', '--requisites', ...derivations);
  const exported = nix.run('nix-store', ['--export', ...closure]);
  nix.run('nix-store', ['--realise', ...derivations]);
  const every = closure.filter((path) => path.endsWith('.drv'));
  const outputs = [...new Set(nix.lines('--query', '--outputs', ...every))];
  const facts = new Map([...closure, ...outputs].map((path) => [path, nix.facts(path)]));
  t.ok(outputs.length >= 24, `${outputs.length} outputs`);
  renameSync(storeDir, join(root, 'store-of-nix'));

  t.same(linesOf(cooper(root, ['store', 'import', '--allow-unsigned'], exported)).sort(), [...closure].sort());
  t.same(linesOf(cooper(root, ['build', ...sandbox, ...every])).sort(), [...outputs].sort());
  compareFacts(t, root, facts);

  const built = cooper(root, ['store', 'export', '--requisites', ...outputs]);
  renameSync(storeDir, join(root, 'store-of-cooper'));
  const second = new NixStore(storeDir, join(root, 'nix-2'));
  second.run('nix-store', ['--import'], built);
  for (const path of outputs) t.same(second.facts(path), facts.get(path), `${path}, taken in by nix`);
  t.same(second.run('nix-store', ['--verify', '--check-contents']).length, 0);
});

t.test('archives and hashes of trees', { skip }, async (t) => {
  const root = temporaryDirectory(t);
  const nix = new NixStore(join(root, 'store'), join(root, 'nix'));
  const tree = fileURLToPath(new URL('..', import.meta.url));
  const archive = nix.run('nix-store', ['--dump', tree]);
  t.ok(bare(['store', 'dump', tree]).equals(archive), 'the same archive');
  bare(['store', 'restore', join(root, 'by-cooper')], archive);
  t.ok(nix.run('nix-store', ['--dump', join(root, 'by-cooper')]).equals(archive), 'the same tree');
  for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512'])
    t.equal(
      String(bare(['store', 'hash', '--algorithm', algorithm, tree])),
      `${algorithm}:${nix.run('nix-hash', ['--base32', '--type', algorithm, tree])}`,
    );
  const file = fileURLToPath(import.meta.url);
  t.equal(
    String(bare(['store', 'hash', '--flat', '--format', 'base16', file])),
    `sha256:${nix.run('nix-hash', ['--flat', '--type', 'sha256', file])}`,
  );
});
