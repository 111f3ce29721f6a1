/** `cooper key` and `cooper authorize`, and what they are for: signed store items from one store to another. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseNixPublicKey, parseNixSecretKey, parsePublicKey, parseSecretKey } from '@cooper/signature';
import t from 'tap';
import { TemporaryCooper } from './temporary-cooper.ts';

// Processes end some seconds after their last client, and are waited for.
t.setTimeout(240_000);

const cooper = new TemporaryCooper();
t.teardown(() => cooper.remove());

const keys = join(cooper.state, 'etc');
const mode = (name: string) => (statSync(join(keys, name)).mode & 0o7777).toString(8);
const read = (name: string) => readFileSync(join(keys, name));

t.test('a pair of keys', async (t) => {
  const made = await cooper.run('key', 'generate');
  t.match(made, {
    status: 0,
    stdout: '',
    stderr: `cooper: others can authorize the key in \`${keys}/signing-key.pub' now\n`,
  });
  t.strictSame([mode('signing-key.sec'), mode('signing-key.pub')], ['400', '444']);
  const key = parseSecretKey(read('signing-key.sec'));
  t.same(parsePublicKey(read('signing-key.pub')).expression, key.publicKey.expression);
  const again = await cooper.run('key', 'generate');
  t.match(again, { status: 1, stderr: /there is a key already/ });
  t.same(parseSecretKey(read('signing-key.sec')).publicKey.expression, key.publicKey.expression, 'which stays');
  t.match(await cooper.run('key', 'generate', '--nix', 'cache.example-1'), { status: 0 });
  t.equal(mode('nix-signing-key.sec'), '400');
  const nix = parseNixSecretKey(read('nix-signing-key.sec').toString());
  t.equal(
    nix.publicText,
    parseNixPublicKey(read('nix-signing-key.pub').toString()) && read('nix-signing-key.pub').toString(),
  );
});

t.test('signed items are taken once the key is authorized', async (t) => {
  const added = await cooper.runWith('text', 'store', 'add-text', 'note');
  t.match(added, { status: 0 });
  const path = added.stdout.trim();
  const exported = await cooper.run('store', 'export', '--sign', path);
  t.match(exported, { status: 0, stderr: '' });
  await cooper.quiet();
  for (const directory of [cooper.store, join(cooper.state, 'db')]) rmSync(directory, { recursive: true });
  const bytes = Buffer.from(exported.stdout, 'latin1');
  writeFileSync(join(keys, 'acl'), '(acl)');
  const refused = await cooper.runWith(bytes, 'store', 'import');
  t.match(refused, { status: 1, stderr: /unauthorized public key: \(public-key/ });
  t.match(await cooper.runWith('nonsense', 'authorize'), { status: 1, stderr: /invalid key/ });
  t.match(await cooper.runWith(read('signing-key.sec'), 'authorize'), { status: 1, stderr: /invalid key/ });
  t.match(await cooper.run('authorize', join(keys, 'missing')), { status: 1, stderr: /cooper: error: ENOENT/ });
  t.match(await cooper.run('authorize', join(keys, 'signing-key.pub')), { status: 0, stdout: '', stderr: '' });
  t.equal(mode('acl'), '644');
  const list = read('acl').toString();
  t.match(await cooper.runWith(read('signing-key.pub'), 'authorize'), { status: 0 });
  t.equal(read('acl').toString(), list, 'once is enough');
  t.match(await cooper.runWith(bytes, 'store', 'import'), { status: 0, stdout: `${path}\n` });
  rmSync(join(keys, 'acl'));
  t.match(await cooper.run('authorize', join(keys, 'signing-key.pub')), { status: 0 });
  t.equal(read('acl').toString(), list, 'a new list begins with the key of the host');
});
