/** Builds, from the locks to the registration, with a test in the builder's place. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { encodeBase32 } from '@cooper/base32';
import type { Preparation, Registration } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { addDerivation, addText, type MadeDerivation, makeDerivation, outputOf, type Recipe } from './recipes.ts';
import { codeOf, openStore, type StoreClient } from './running-store.ts';

type Test = Pick<typeof t, 'notOk' | 'strictSame'>;

const { store, client, place } = await openStore(t, { words: ['--sync-before-registration'] });
const { storeDir } = place;

type Prepared = Extract<Preparation, { status: 'prepared' }>;

/** Where the test, as a builder in a sandbox, makes outputs. */
const root = Buffer.from('root');
const inRoot = ({ directory }: Prepared, path: StorePath) => `${Buffer.from(directory)}/root${path}`;

async function prepare(made: MadeDerivation, on: StoreClient = client, mode: 'normal' | 'check' | 'repair' = 'normal') {
  const preparation = await on.call('prepareBuild', { derivation: made.path, mode });
  if (preparation.status !== 'prepared') throw new Error(preparation.status);
  mkdirSync(`${Buffer.from(preparation.directory)}/root${storeDir}`, { recursive: true });
  return preparation;
}

/** Adds and prepares what `recipe` describes, and has `make` do what a builder would. */
async function build(
  recipe: Recipe,
  make: (path: (name?: string) => string, made: MadeDerivation) => void,
): Promise<{ readonly made: MadeDerivation; readonly registration: Registration }> {
  const made = makeDerivation(storeDir, recipe);
  await addDerivation(client, made);
  const prepared = await prepare(made);
  make((name = 'out') => inRoot(prepared, outputOf(made, name)), made);
  return { made, registration: await client.call('registerOutputs', { build: prepared.build, root }) };
}

/** The recipe and the builder of an output that the store must not take. */
async function rejected(
  t: Test,
  recipe: Recipe,
  make: (path: (name?: string) => string, made: MadeDerivation) => void,
) {
  const { made, registration } = await build(recipe, make);
  for (const { path } of made.derivation.outputs.values()) t.notOk(existsSync(path), 'nothing is left');
  const paths = Array.from(made.derivation.outputs.values(), ({ path }) => path);
  t.strictSame(await client.call('queryValidPaths', { paths }), { paths: [] }, 'nothing is registered');
  t.strictSame(
    place.items().filter((name) => name.endsWith('.lock')),
    [],
  );
  return { made, ...(registration as Extract<Registration, { status: 'rejected' }>) };
}

t.test('one output', async (t) => {
  const source = await addText(client, 'source', 'source');
  const made = makeDerivation(storeDir, { name: 'one', sources: [source] });
  await addDerivation(client, made);
  const prepared = await prepare(made);
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
  const { made, registration } = await build({ name: 'several', outputs: ['out', 'lib', 'doc'] }, (path, made) => {
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
  const first = await prepare(made);
  writeFileSync(inRoot(first, outputOf(made, 'a')), bytes);
  t.match(await client.call('registerOutputs', { build: first.build, root }), {
    status: 'rejected',
    code: 'output-missing',
  });
  t.strictSame(await client.call('queryValidPaths', { paths: [outputOf(made, 'a')] }), { paths: [] }, 'all or none');
});

t.test('an output that was not made', async (t) => {
  const { made, code, message } = await rejected(t, { name: 'nothing' }, () => undefined);
  t.equal(code, 'output-missing');
  t.equal(message, `builder for \`${made.path}' failed to produce output path \`${outputOf(made)}'`);
});

t.test('a root that leads elsewhere', async (t) => {
  const made = makeDerivation(storeDir, { name: 'elsewhere' });
  await addDerivation(client, made);
  for (const root of ['../..', '/', 'link']) {
    const prepared = await prepare(made);
    symlinkSync('/', `${Buffer.from(prepared.directory)}/link`);
    const answer = client.call('registerOutputs', { build: prepared.build, root: Buffer.from(root) });
    t.match(await answer, { status: 'rejected', code: 'output-missing' }, root);
  }
});

t.test('suspicious owners and modes', async (t) => {
  const writable = await rejected(t, { name: 'writable' }, (path) => {
    writeFileSync(path(), '');
    chmodSync(path(), 0o664);
  });
  t.equal(writable.code, 'suspicious-ownership');
  t.equal(
    writable.message,
    `suspicious ownership or permission on \`${outputOf(writable.made)}'; rejecting this build output`,
  );
  const made = makeDerivation(storeDir, { name: 'foreign' });
  await addDerivation(client, made);
  const prepared = await prepare(made);
  writeFileSync(inRoot(prepared, outputOf(made)), '');
  const answer = await client.call('registerOutputs', { build: prepared.build, root, owner: 4_000_000 });
  t.match(answer, { status: 'rejected', code: 'suspicious-ownership' });
});

t.test('a file that no archive can hold', async (t) => {
  const { made, code, message } = await rejected(t, { name: 'socket' }, (path) => {
    mkdirSync(path());
    execFileSync('mkfifo', [`${path()}/p`]);
  });
  t.equal(code, 'unsupported-file-type');
  t.equal(message, `file ‘${outputOf(made)}/p’ has an unsupported type`);
});

t.test('fixed outputs', async (t) => {
  const hash = createHash('sha256').update('fixed').digest('hex');
  const flat = { name: 'flat', fixed: { hashAlgo: 'sha256', hash } };
  let inode = 0n;
  const { made, registration } = await build(flat, (path) => {
    writeFileSync(path(), 'fixed');
    inode = lstatSync(path(), { bigint: true }).ino;
  });
  t.equal(registration.status, 'registered');
  t.not(lstatSync(outputOf(made), { bigint: true }).ino, inode, 'a copy of fresh inodes');

  const wrong = await rejected(t, { name: 'wrong', fixed: flat.fixed }, (path) => writeFileSync(path(), 'other'));
  const actual = createHash('sha256').update('other').digest();
  t.match(wrong, { code: 'hash-mismatch', message: `hash mismatch for store item '${outputOf(wrong.made)}'` });
  t.equal(wrong.expected, encodeBase32(Buffer.from(hash, 'hex')));
  t.equal(wrong.actual, encodeBase32(actual));

  const executable = await rejected(t, { name: 'executable', fixed: flat.fixed }, (path) =>
    writeFileSync(path(), 'fixed', { mode: 0o755 }),
  );
  t.equal(executable.message, `output path \`${outputOf(executable.made)} should be a non-executable regular file`);

  const { narHash } = (await build({ name: 'tree' }, (path) => {
    mkdirSync(path());
    writeFileSync(`${path()}/x`, 'x');
  }).then(async ({ made }) => (await client.call('queryPathInfos', { paths: [outputOf(made)] })).infos[0])) ?? {
    narHash: '',
  };
  const tree = { name: 'fixed-tree', fixed: { hashAlgo: 'r:sha256', hash: narHash.slice('sha256:'.length) } };
  const recursive = await build(tree, (path) => {
    mkdirSync(path());
    writeFileSync(`${path()}/x`, 'x');
    utimesSync(path(), 5, 5);
  });
  t.equal(recursive.registration.status, 'registered');
  t.equal(lstatSync(outputOf(recursive.made)).mode, 0o040555);
});

t.test('rules about references', async (t) => {
  const one = await addText(client, 'one.txt', 'one');
  const two = await addText(client, 'two.txt', 'two', [one]);
  const refer = (path: (name?: string) => string) => writeFileSync(path(), two);
  const cases = [
    ['allowedReferences', '', two],
    ['allowedReferences', one, two],
    ['allowedRequisites', two, one],
    ['disallowedReferences', two, two],
    ['disallowedRequisites', `${one}\n`, one],
  ] as const;
  for (const [rule, value, reference] of cases) {
    const { made, code, message } = await rejected(t, { name: rule, sources: [two], env: { [rule]: value } }, refer);
    t.equal(code, 'reference-not-allowed');
    t.equal(message, `output (\`${outputOf(made)}') is not allowed to refer to path \`${reference}'`);
  }
  const odd = await rejected(t, { name: 'odd', env: { allowedReferences: 'nosuchoutput' } }, (path) =>
    writeFileSync(path(), ''),
  );
  t.equal(odd.message, "derivation contains an invalid reference specifier `nosuchoutput'");
  const good = await build(
    { name: 'good', sources: [two], env: { allowedReferences: `out ${two}`, disallowedReferences: one } },
    refer,
  );
  t.equal(good.registration.status, 'registered');
});

t.test('outputs that refer to each other in a circle', async (t) => {
  const { made, code, message } = await rejected(t, { name: 'cycle', outputs: ['out', 'lib'] }, (path, made) => {
    writeFileSync(path('out'), outputOf(made, 'lib'));
    writeFileSync(path('lib'), outputOf(made, 'out'));
  });
  t.equal(code, 'output-cycle');
  const [first] = [outputOf(made), outputOf(made, 'lib')].sort();
  t.equal(message, `cycle detected in the references of \`${first}'`);
});

t.test('without a root, the builder has written to the store itself', async (t) => {
  const made = makeDerivation(storeDir, { name: 'in-place' });
  await addDerivation(client, made);
  const path = outputOf(made);
  const first = await prepare(made);
  mkdirSync(path);
  chmodSync(path, 0o777);
  t.match(await client.call('registerOutputs', { build: first.build }), { code: 'suspicious-ownership' });
  t.notOk(existsSync(path), 'a bad output is taken away');
  const second = await prepare(made);
  mkdirSync(path, { mode: 0o755 });
  writeFileSync(`${path}/file`, 'made');
  t.match(await client.call('registerOutputs', { build: second.build }), { status: 'registered' });
  t.equal(lstatSync(path).mode, 0o040555);
  const fixed = { hashAlgo: 'sha256', hash: createHash('sha256').update('fixed').digest('hex') };
  const download = makeDerivation(storeDir, { name: 'fixed-in-place', fixed });
  await addDerivation(client, download);
  const third = await prepare(download);
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
  const prepared = await prepare(lower);
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
  const prepared = await prepare(made, other);
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
  const { made } = await build({ name: 'checked', outputs: ['out', 'lib'] }, (path) => {
    writeFileSync(path('out'), 'out');
    writeFileSync(path('lib'), 'lib');
  });
  const again = async (out: string, lib: string) => {
    const prepared = await prepare(made, client, 'check');
    t.equal(prepared.missing.length, 2);
    writeFileSync(inRoot(prepared, outputOf(made)), out);
    writeFileSync(inRoot(prepared, outputOf(made, 'lib')), lib);
    return client.call('registerOutputs', { build: prepared.build, root });
  };
  t.match(await again('out', 'lib'), { status: 'registered' });
  const paths = [outputOf(made, 'lib'), outputOf(made)];
  t.match(await again('other', 'other'), {
    code: 'not-deterministic',
    message: `derivation \`${made.path}' may not be deterministic: output \`${paths[0]}' differs, output \`${paths[1]}' differs`,
  });
  t.equal(readFileSync(outputOf(made), 'utf8'), 'out', 'the valid output is not touched');
  const prepared = await prepare(made, client, 'check');
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
  const { made } = await build({ name: 'repaired' }, make);
  const path = outputOf(made);
  t.strictSame(await client.call('prepareBuild', { derivation: made.path, mode: 'repair' }), { status: 'valid' });
  chmodSync(`${path}/file`, 0o644);
  writeFileSync(`${path}/file`, 'bad');
  const prepared = await prepare(made, client, 'repair');
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
