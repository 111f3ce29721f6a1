/** Builds of what is valid already, in a root of their own and in place, and what people keep to look at. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { build, filesOf, inRoot, prepare, prepareInPlace, rejected, root, seen } from './building.ts';
import { addDerivation, addText, makeDerivation, outputOf } from './recipes.ts';
import { codeOf, openStore } from './running-store.ts';

// Processes take their time to start on a busy machine.
t.setTimeout(120_000);

const { client, place } = await openStore(t);
const { storeDir } = place;
const on = { client, storeDir };

const name = (path: string) => path.slice(storeDir.length + 1);

/** An output that names itself in its contents, in a target and in a name. */
function makeSelfish(path: string, extra = ''): void {
  mkdirSync(path);
  writeFileSync(`${path}/file`, `${'x'.repeat(300_000)}${path}/file${extra}`);
  symlinkSync(`${path}/file`, `${path}/link`);
  writeFileSync(`${path}/${name(path)}`, extra);
}

t.test('check in place', async (t) => {
  const { made } = await build(on, { name: 'checked' }, (path, made) => {
    mkdirSync(path());
    writeFileSync(`${path()}/file`, `${'x'.repeat(300_000)}${outputOf(made)}/file`);
    symlinkSync(`${outputOf(made)}/file`, `${path()}/link`);
    writeFileSync(`${path()}/${name(outputOf(made))}`, '');
  });
  const path = outputOf(made);
  const first = await prepareInPlace(client, made, 'check');
  const scratch = seen(first, path);
  t.not(scratch, path);
  t.equal(scratch.slice(storeDir.length + 33), path.slice(storeDir.length + 33), 'only the hash part is another');
  t.strictSame(first.missing, [{ name: 'out', path }]);
  makeSelfish(scratch);
  t.strictSame(await client.call('registerOutputs', { build: first.build }), { status: 'same' });
  t.notOk(existsSync(scratch));

  const second = await prepareInPlace(client, made, 'check');
  t.equal(seen(second, path), scratch, 'the same every time');
  makeSelfish(scratch, 'other');
  const differs = rejected(await client.call('registerOutputs', { build: second.build }));
  t.equal(differs.code, 'not-deterministic');
  t.equal(differs.message, `derivation \`${made.path}' may not be deterministic: output \`${path}' differs`);
  t.strictSame(filesOf(differs), [[path, ['file', name(path)].sort()]]);
  t.notOk(existsSync(scratch));
  t.notOk(existsSync(`${path}-check`));

  const third = await prepareInPlace(client, made, 'check');
  makeSelfish(scratch, 'third');
  await client.call('abandonBuild', { build: third.build });
  t.notOk(existsSync(scratch), 'removed at every end');
  t.strictSame(await place.left(), []);
});

t.test('S51: every output that differs is told, and kept beside the valid one', async (t) => {
  const { made } = await build(on, { name: 'kept', outputs: ['out', 'lib', 'doc'] }, (path) => {
    for (const output of ['out', 'lib', 'doc']) writeFileSync(path(output), output);
  });
  const again = async (text: string, keepDiffering = true) => {
    const prepared = await prepare(client, made, 'check');
    for (const output of ['out', 'lib']) writeFileSync(inRoot(prepared, outputOf(made, output)), output + text);
    writeFileSync(inRoot(prepared, outputOf(made, 'doc')), 'doc');
    return client.call('registerOutputs', { build: prepared.build, root, keepDiffering });
  };
  const [lib, out] = [outputOf(made, 'lib'), outputOf(made)];
  for (const text of ['first', 'second']) {
    const { message, differences } = rejected(await again(text));
    t.equal(
      message,
      `derivation \`${made.path}' may not be deterministic: ` +
        `output \`${lib}' differs from \`${lib}-check', output \`${out}' differs from \`${out}-check'`,
    );
    t.strictSame(
      differences?.map(({ kept }) => kept),
      [`${lib}-check`, `${out}-check`],
    );
    t.equal(readFileSync(`${out}-check`, 'utf8'), `out${text}`, 'the one before is replaced');
    t.equal(readFileSync(out, 'utf8'), 'out');
  }
  t.strictSame(await client.call('queryValidPaths', { paths: [`${out}-check` as StorePath] }), { paths: [] });
  t.match(await again('third', false), { code: 'not-deterministic' });
  t.equal(readFileSync(`${out}-check`, 'utf8'), 'outsecond');
  t.match(await again(''), { status: 'same' });
  t.notOk(existsSync(`${out}-check`), 'what was kept goes when nothing differs any more');
});

t.test('some outputs are valid: in place, they are made elsewhere and thrown away', async (t) => {
  const made = makeDerivation(storeDir, { name: 'partly', outputs: ['out', 'lib'] });
  await addDerivation(client, made);
  const [lib, out] = [outputOf(made, 'lib'), outputOf(made)];
  const first = await prepareInPlace(client, made);
  t.strictSame(first.redirected, []);
  for (const path of [lib, out]) writeFileSync(path, `${path} ${lib}`);
  t.match(await client.call('registerOutputs', { build: first.build }), { status: 'registered' });
  place.forget(out);
  rmSync(out, { force: true });

  const second = await prepareInPlace(client, made);
  t.strictSame(
    second.redirected.map((each) => each.path),
    [lib],
  );
  t.strictSame(second.missing, [{ name: 'out', path: out }]);
  const scratch = seen(second, lib);
  writeFileSync(scratch, 'other');
  writeFileSync(out, `${out} ${scratch}`);
  t.match(await client.call('registerOutputs', { build: second.build }), {
    status: 'registered',
    infos: [{ path: out, references: [out, lib].sort() }],
  });
  t.equal(readFileSync(out, 'utf8'), `${out} ${lib}`, 'the hash part is that of the valid output again');
  t.equal(readFileSync(lib, 'utf8'), `${lib} ${lib}`);
  t.notOk(existsSync(scratch));

  place.forget(out);
  const third = await prepare(client, made);
  const answer = client.call('registerOutputs', { build: third.build });
  t.equal(await codeOf(answer), 'invalid-request', 'not prepared for that');
  t.equal(readFileSync(lib, 'utf8'), `${lib} ${lib}`);
});

t.test('a valid output that is gone, or no item any more, differs as a whole', async (t) => {
  for (const harm of ['gone', 'odd']) {
    const { made } = await build(on, { name: harm }, (path) => mkdirSync(path()));
    const path = outputOf(made);
    chmodSync(path, 0o755);
    if (harm === 'gone') rmSync(path, { recursive: true });
    else execFileSync('mkfifo', [`${path}/pipe`]);
    const prepared = await prepare(client, made, 'check');
    mkdirSync(inRoot(prepared, path));
    writeFileSync(`${inRoot(prepared, path)}/zip`, '');
    const answer = rejected(await client.call('registerOutputs', { build: prepared.build, root }));
    t.equal(answer.code, 'not-deterministic');
    t.strictSame(filesOf(answer), [[path, ['']]]);
  }
});

t.test('two names that become one are refused', async (t) => {
  const { made } = await build(on, { name: 'sly' }, (path) => mkdirSync(path()));
  const prepared = await prepareInPlace(client, made, 'check');
  const scratch = seen(prepared, outputOf(made));
  mkdirSync(scratch);
  for (const path of [scratch, outputOf(made)]) writeFileSync(`${scratch}/${name(path)}`, '');
  t.match(await client.call('registerOutputs', { build: prepared.build }), { code: 'suspicious-ownership' });
  t.strictSame(await place.left(), []);
});

t.test('repair in place, of one that is corrupt and one that is gone', async (t) => {
  const { made } = await build(on, { name: 'repaired', outputs: ['out', 'lib', 'doc'] }, (path, made) => {
    for (const output of ['out', 'lib', 'doc']) writeFileSync(path(output), outputOf(made, 'lib'));
  });
  const [doc, lib, out] = ['doc', 'lib', 'out'].map((each) => outputOf(made, each)) as [
    StorePath,
    StorePath,
    StorePath,
  ];
  const before = await client.call('queryPathInfos', { paths: [doc, lib, out] });
  chmodSync(lib, 0o644);
  writeFileSync(lib, 'bad');
  rmSync(out, { force: true });
  const prepared = await prepareInPlace(client, made, 'repair');
  t.strictSame(
    prepared.missing.map(({ path }) => path),
    [lib, out],
  );
  t.equal(prepared.redirected.length, 3, 'good ones, too');
  for (const path of [doc, lib, out]) writeFileSync(seen(prepared, path), seen(prepared, lib));
  t.equal(readFileSync(lib, 'utf8'), 'bad', 'stays until there is a good one');
  t.match(await client.call('registerOutputs', { build: prepared.build }), { status: 'registered' });
  for (const path of [doc, lib, out]) t.equal(readFileSync(path, 'utf8'), lib);
  t.strictSame(await client.call('queryPathInfos', { paths: [doc, lib, out] }), before);
  t.strictSame(await place.left(), []);
});

t.test('repair replaces what is registered, too', async (t) => {
  const source = await addText(client, 'source', 'source');
  const { made } = await build(on, { name: 'changing', sources: [source] }, (path) => writeFileSync(path(), 'first'));
  const path = outputOf(made);
  chmodSync(path, 0o644);
  writeFileSync(path, 'bad');
  const prepared = await prepare(client, made, 'repair');
  writeFileSync(inRoot(prepared, path), source);
  const registration = await client.call('registerOutputs', { build: prepared.build, root });
  t.match(registration, { status: 'registered', infos: [{ path, references: [source] }] });
  t.strictSame(await client.call('checkContents', { paths: [path, source] }), { corrupt: [] });
  t.strictSame(await client.call('queryReferrers', { paths: [source] }), { referrers: [[path, made.path].sort()] });
});

t.test('a link as an output, in place', async (t) => {
  const { made } = await build(on, { name: 'link' }, (path, made) => symlinkSync(outputOf(made), path()));
  const prepared = await prepareInPlace(client, made, 'check');
  symlinkSync(seen(prepared, outputOf(made)), seen(prepared, outputOf(made)));
  t.strictSame(await client.call('registerOutputs', { build: prepared.build }), { status: 'same' });
  t.equal(readlinkSync(outputOf(made)), outputOf(made));
});
