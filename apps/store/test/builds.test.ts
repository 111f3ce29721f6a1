/** Builds, from the locks to the registration, with a test in the builder's place. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import t from 'tap';
import { build, inRoot, prepare, root } from './building.ts';
import { addDerivation, addText, makeDerivation, outputOf } from './recipes.ts';
import { codeOf, openStore } from './running-store.ts';

// Processes take their time to start on a busy machine.
t.setTimeout(120_000);

const { store, client, place } = await openStore(t, { words: ['--sync-before-registration'] });
const { storeDir } = place;
const on = { client, storeDir };

t.test('one output', async (t) => {
  const source = await addText(client, 'source', 'source');
  const made = makeDerivation(storeDir, { name: 'one', sources: [source] });
  await addDerivation(client, made);
  const prepared = await prepare(client, made);
  const path = outputOf(made);
  t.match(prepared, { inputs: [source], missing: [{ name: 'out', path }], valid: [] });
  t.strictSame(Buffer.from(prepared.contents), Buffer.from(made.text.contents));
  t.equal(lstatSync(Buffer.from(prepared.directory).toString()).mode, 0o040700);
  t.ok(existsSync(`${path}.lock`));
  mkdirSync(inRoot(prepared, path));
  writeFileSync(`${inRoot(prepared, path)}/file`, `see ${source} and ${path}`, { mode: 0o4711 });
  writeFileSync(`${inRoot(prepared, path)}/secret`, '', { mode: 0o600 });
  symlinkSync(source, `${inRoot(prepared, path)}/link`);
  const registration = await client.call('registerOutputs', { build: prepared.build, root });
  t.match(registration, {
    status: 'registered',
    infos: [{ path, references: [path, source].sort(), deriver: made.path }],
  });
  t.equal(lstatSync(path).mode, 0o040555);
  t.equal(lstatSync(`${path}/file`).mode, 0o100555);
  t.equal(lstatSync(`${path}/secret`).mode, 0o100444);
  for (const file of [path, `${path}/file`, `${path}/link`]) t.equal(lstatSync(file).mtimeMs, 1000);
  t.notOk(existsSync(`${path}.lock`));
  t.strictSame(await client.call('prepareBuild', { derivation: made.path, mode: 'normal' }), { status: 'valid' });
  t.strictSame(await client.call('queryDerivations', { paths: [made.path] }), {
    derivations: [{ path: made.path, contents: made.text.contents, validOutputs: ['out'] }],
  });
  t.equal(await codeOf(client.call('registerOutputs', { build: prepared.build, root })), 'unknown-build');
});

t.test('several outputs, which share a file and refer to each other', async (t) => {
  const { made, registration } = await build(on, { name: 'several', outputs: ['out', 'lib', 'doc'] }, (path, made) => {
    writeFileSync(path('lib'), 'library');
    linkSync(path('lib'), path('doc'));
    writeFileSync(path('out'), outputOf(made, 'lib'));
  });
  t.equal(registration.status, 'registered');
  const paths = ['doc', 'lib', 'out'].map((name) => outputOf(made, name));
  const { infos } = await client.call('queryPathInfos', { paths });
  t.strictSame(
    infos.map((info) => info?.references),
    [[], [], [paths[1]]],
  );
  t.equal(infos[0]?.narHash, infos[1]?.narHash);
});

t.test('only the outputs that are missing are made', async (t) => {
  const bytes = 'kept';
  const made = makeDerivation(storeDir, { name: 'partly', outputs: ['a', 'b'] });
  await addDerivation(client, made);
  const first = await prepare(client, made);
  writeFileSync(inRoot(first, outputOf(made, 'a')), bytes);
  t.match(await client.call('registerOutputs', { build: first.build, root }), {
    status: 'rejected',
    code: 'output-missing',
  });
  t.strictSame(await client.call('queryValidPaths', { paths: [outputOf(made, 'a')] }), { paths: [] }, 'all or none');
});

t.test('without a root, the builder has written to the store itself', async (t) => {
  const made = makeDerivation(storeDir, { name: 'in-place' });
  await addDerivation(client, made);
  const path = outputOf(made);
  const first = await prepare(client, made);
  mkdirSync(path);
  chmodSync(path, 0o777);
  t.match(await client.call('registerOutputs', { build: first.build }), { code: 'suspicious-ownership' });
  t.notOk(existsSync(path), 'a bad output is taken away');
  const second = await prepare(client, made);
  mkdirSync(path, { mode: 0o755 });
  writeFileSync(`${path}/file`, 'made');
  t.match(await client.call('registerOutputs', { build: second.build }), { status: 'registered' });
  t.equal(lstatSync(path).mode, 0o040555);
  const fixed = { hashAlgo: 'sha256', hash: createHash('sha256').update('fixed').digest('hex') };
  const download = makeDerivation(storeDir, { name: 'fixed-in-place', fixed });
  await addDerivation(client, download);
  const third = await prepare(client, download);
  writeFileSync(outputOf(download), 'fixed');
  const { ino } = lstatSync(outputOf(download));
  t.match(await client.call('registerOutputs', { build: third.build }), { status: 'registered' });
  t.not(lstatSync(outputOf(download)).ino, ino);
});

t.test('what stands in the way of a build', async (t) => {
  const lower = makeDerivation(storeDir, { name: 'lower' });
  const upper = makeDerivation(storeDir, { name: 'upper', inputs: [lower] });
  t.equal(await codeOf(client.call('prepareBuild', { derivation: lower.path, mode: 'normal' })), 'path-not-valid');
  const source = await addText(client, 'no-derivation', '');
  t.equal(await codeOf(client.call('prepareBuild', { derivation: source, mode: 'normal' })), 'invalid-derivation');
  await client.call('addTexts', { texts: [lower.text, upper.text] });
  const preparation = await client.call('prepareBuild', { derivation: upper.path, mode: 'normal' });
  t.strictSame(preparation, { status: 'missing-input', path: outputOf(lower) });
  writeFileSync(outputOf(lower), 'stale');
  const prepared = await prepare(client, lower);
  t.notOk(existsSync(outputOf(lower)), 'what was there without being valid is gone');
  await client.call('abandonBuild', { build: prepared.build });
  t.strictSame(await place.left(), []);
  t.equal(await codeOf(client.call('abandonBuild', { build: prepared.build })), 'unknown-build');
});

t.test('two channels', async (t) => {
  const other = await store.connect('another');
  const made = makeDerivation(storeDir, { name: 'contended' });
  await addDerivation(client, made);
  const path = outputOf(made);
  const prepared = await prepare(other, made);
  const wish = { derivation: made.path, mode: 'normal' } as const;
  t.strictSame(await client.call('prepareBuild', wish), { status: 'locked', path });
  t.equal(
    await codeOf(client.call('registerOutputs', { build: prepared.build, root })),
    'unknown-build',
    "a build is its channel's",
  );
  writeFileSync(path, 'half made, without a sandbox');
  other.close();
  let preparation = await client.call('prepareBuild', wish);
  for (let tries = 0; preparation.status === 'locked' && tries < 100; tries++)
    preparation = await client.call('prepareBuild', wish);
  t.equal(preparation.status, 'prepared', 'its builds are given up with the channel');
  t.notOk(existsSync(path));
  if (preparation.status === 'prepared') await client.call('abandonBuild', { build: preparation.build });
});

t.test('check', async (t) => {
  const { made } = await build(on, { name: 'checked', outputs: ['out', 'lib'] }, (path) => {
    writeFileSync(path('out'), 'out');
    writeFileSync(path('lib'), 'lib');
  });
  const again = async (out: string, lib: string) => {
    const prepared = await prepare(client, made, 'check');
    t.equal(prepared.missing.length, 2);
    writeFileSync(inRoot(prepared, outputOf(made)), out);
    writeFileSync(inRoot(prepared, outputOf(made, 'lib')), lib);
    return client.call('registerOutputs', { build: prepared.build, root });
  };
  t.strictSame(await again('out', 'lib'), { status: 'same' });
  const paths = [outputOf(made, 'lib'), outputOf(made)];
  t.match(await again('other', 'other'), {
    code: 'not-deterministic',
    message: `derivation \`${made.path}' may not be deterministic: output \`${paths[0]}' differs, output \`${paths[1]}' differs`,
    differences: [
      { output: { name: 'lib', path: paths[0] }, files: [Buffer.from('')] },
      { output: { name: 'out', path: paths[1] }, files: [Buffer.from('')] },
    ],
  });
  t.equal(readFileSync(outputOf(made), 'utf8'), 'out', 'the valid output is not touched');
  const prepared = await prepare(client, made, 'check');
  t.equal(await codeOf(client.call('registerOutputs', { build: prepared.build })), 'invalid-request');
  t.ok(existsSync(outputOf(made)));
  const never = makeDerivation(storeDir, { name: 'never-built' });
  await addDerivation(client, never);
  t.equal(await codeOf(client.call('prepareBuild', { derivation: never.path, mode: 'check' })), 'path-not-valid');
});

t.test('repair', async (t) => {
  const make = (path: (name?: string) => string) => {
    mkdirSync(path());
    writeFileSync(`${path()}/file`, 'good');
  };
  const { made } = await build(on, { name: 'repaired' }, make);
  const path = outputOf(made);
  t.strictSame(await client.call('prepareBuild', { derivation: made.path, mode: 'repair' }), { status: 'valid' });
  chmodSync(`${path}/file`, 0o644);
  writeFileSync(`${path}/file`, 'bad');
  const prepared = await prepare(client, made, 'repair');
  t.strictSame(prepared.missing, [{ name: 'out', path }]);
  t.ok(existsSync(path), 'the bad one stays until there is a good one');
  make(() => inRoot(prepared, path));
  t.match(await client.call('registerOutputs', { build: prepared.build, root }), { status: 'registered' });
  t.equal(readFileSync(`${path}/file`, 'utf8'), 'good');
  t.equal(lstatSync(path).mode, 0o040555);
});

t.test('nothing is left at the end', async (t) => {
  t.strictSame(
    place.items().filter((name) => name.endsWith('.lock')),
    [],
  );
  t.strictSame(await place.left(), []);
});
