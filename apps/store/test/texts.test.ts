/** Texts that come in: what becomes of good ones, and that nothing becomes of others. */
import { lstatSync, readFileSync } from 'node:fs';
import { formatPrefixedHash, hashBytes } from '@cooper/hash';
import { hashTree } from '@cooper/nar-files';
import { makeTextPath, type StorePath } from '@cooper/store-path';
import t from 'tap';
import { addDerivation, addText, makeDerivation, outputOf } from './recipes.ts';
import { codeOf, openStore } from './running-store.ts';

// 20,000 files are made on the way, which some disks take their time for.
t.setTimeout(240_000);

const { client, place } = await openStore(t);
const { storeDir } = place;

t.test('a text', async (t) => {
  const path = await addText(client, 'greeting', 'hello\n');
  t.equal(
    path,
    makeTextPath({
      storeDir,
      name: 'greeting',
      contentsHash: hashBytes('sha256', Buffer.from('hello\n')),
      references: [],
    }),
  );
  t.equal(readFileSync(path, 'utf8'), 'hello\n');
  const { mode, mtimeMs, nlink } = lstatSync(path);
  t.strictSame({ mode, mtimeMs, nlink }, { mode: 0o100444, mtimeMs: 1000, nlink: 1 });
  const { infos } = await client.call('queryPathInfos', { paths: [path] });
  const { hash, size } = hashTree(path);
  t.match(infos, [{ path, narHash: formatPrefixedHash(hash, 'base16'), narSize: size, references: [], deriver: null }]);
  t.equal(await addText(client, 'greeting', 'hello\n'), path, 'again');
});

t.test('texts of a list may refer to those before them, and to what is valid', async (t) => {
  const a = await addText(client, 'a', 'a');
  const b = makeTextPath({ storeDir, name: 'b', contentsHash: hashBytes('sha256', Buffer.from('b')), references: [a] });
  const texts = [
    { name: 'b', contents: Buffer.from('b'), references: [a] },
    { name: 'c', contents: Buffer.from('c'), references: [b, a, b] },
  ];
  const { paths } = await client.call('addTexts', { texts });
  const { infos } = await client.call('queryPathInfos', { paths });
  t.strictSame(
    infos.map((info) => info?.references),
    [[a], [a, b].sort()],
  );
  t.strictSame(await client.call('queryReferrers', { paths: [a] }), { referrers: [[...paths].sort()] });
  t.strictSame(await client.call('queryClosure', { paths: [paths[1] as StorePath] }), { paths: [a, b, paths[1]] });
});

t.test('a list with a bad text adds nothing', async (t) => {
  const before = place.items();
  const missing = `${storeDir}/${'0'.repeat(32)}-missing` as StorePath;
  const good = { name: 'good', contents: Buffer.from('good, but not alone'), references: [] };
  const bad = [
    ['path-not-valid', { name: 'x', contents: Buffer.from('x'), references: [missing] }],
    ['invalid-store-name', { name: '.hidden', contents: Buffer.from('x'), references: [] }],
    ['invalid-derivation', { name: 'x.drv', contents: Buffer.from('Derive('), references: [] }],
    [
      'invalid-store-path',
      { name: 'x', contents: Buffer.from('x'), references: [missing.replace(storeDir, '/etc') as StorePath] },
    ],
  ] as const;
  for (const [code, text] of bad) t.equal(await codeOf(client.call('addTexts', { texts: [good, text] })), code);
  t.strictSame(place.items(), before);
  t.strictSame(await place.left(), []);
});

t.test('derivations', async (t) => {
  const source = await addText(client, 'source', 'source');
  const lower = makeDerivation(storeDir, { name: 'lower', outputs: ['out', 'dev'], sources: [source] });
  const upper = makeDerivation(storeDir, { name: 'upper', inputs: [lower] });
  t.strictSame(await client.call('addTexts', { texts: [lower.text, upper.text] }), { paths: [lower.path, upper.path] });
  t.strictSame(await client.call('queryDerivers', { paths: [outputOf(lower, 'dev')] }), { derivers: [[lower.path]] });
  const absent = makeDerivation(storeDir, { name: 'absent' });
  const { derivations } = await client.call('queryDerivations', { paths: [upper.path, absent.path] });
  t.strictSame(Buffer.from(derivations[0]?.contents ?? []), Buffer.from(upper.text.contents));
  t.strictSame(derivations[1], { path: absent.path, contents: null, validOutputs: [] });
});

t.test('derivations that are not what they should be', async (t) => {
  const source = await addText(client, 'source', 'source');
  const honest = makeDerivation(storeDir, { name: 'honest', sources: [source] });
  const forged = honest.text.contents
    .toString()
    .replaceAll(outputOf(honest), outputOf(makeDerivation(storeDir, { name: 'honest', env: { x: 'y' } })));
  const add = (contents: Uint8Array | string, references: readonly StorePath[]) =>
    codeOf(client.call('addTexts', { texts: [{ name: 'honest.drv', contents: Buffer.from(contents), references }] }));
  t.equal(await add(forged, [source]), 'incorrect-output-path');
  t.equal(await add(honest.text.contents, []), 'invalid-derivation', 'a reference is missing');
  t.equal(
    await add(honest.text.contents, [source, await addText(client, 'more', '')]),
    'invalid-derivation',
    'one too many',
  );
  const above = makeDerivation(storeDir, { name: 'above', inputs: [makeDerivation(storeDir, { name: 'absent' })] });
  t.equal(await codeOf(client.call('addTexts', { texts: [above.text] })), 'path-not-valid');
  t.strictSame(await place.left(), []);
});

t.test('10,000 texts in a graph, and its closure', async (t) => {
  const texts = [];
  const paths: StorePath[] = [];
  for (let index = 0; index < 10_000; index++) {
    const references = [1, 2, 3, 5, 8].flatMap((back) => paths[index - back] ?? []).sort();
    const contents = Buffer.from(`text ${index}`);
    const name = `graph-${index}`;
    texts.push({ name, contents, references });
    paths.push(makeTextPath({ storeDir, name, contentsHash: hashBytes('sha256', contents), references }));
  }
  const start = performance.now();
  for (let from = 0; from < texts.length; from += 2500) {
    const added = await client.call('addTexts', { texts: texts.slice(from, from + 2500) });
    t.strictSame(added.paths, paths.slice(from, from + 2500));
  }
  const added = performance.now();
  const closure = (await client.call('queryClosure', { paths: [paths.at(-1) as StorePath] })).paths;
  const closed = performance.now();
  t.strictSame(closure, paths, 'each behind all that it refers to');
  t.comment(`added in ${Math.round(added - start)} ms, closure in ${Math.round(closed - added)} ms`);
});

t.test('derivation added twice', async (t) => {
  const made = makeDerivation(storeDir, { name: 'twice' });
  await addDerivation(client, made);
  await addDerivation(client, made);
  t.strictSame(await client.call('queryValidPaths', { paths: [made.path] }), { paths: [made.path] });
});
