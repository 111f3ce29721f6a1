/** A client of our own asks for every operation over the real socket. */

import { readFileSync, symlinkSync } from 'node:fs';
import type { ByteString } from '@cooper/byte-string';
import { fileArchive } from '@cooper/nar';
import { makeSessionOptions } from '@cooper/worker-protocol';
import t from 'tap';
import { addGraph, build, graphOf, outputOf, shell } from './graphs.ts';
import { addText, pathIn, RunningDaemon } from './running-daemon.ts';

// Many processes start here, on machines that may be busy.
t.setTimeout(110_000);

const unlimited = 2n ** 64n - 1n;
const collect = { ignoreLiveness: 0, maxFreed: unlimited, obsolete: 0, obsolete2: 0, obsolete3: 0 };

t.test('items are added, asked for and built', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  const nowhere = pathIn(daemon.storeDir, '00000000000000000000000000000000-nothing');

  const text = await addText(client, 'a-text', 'see nothing');
  const second = await addText(client, 'second', `see ${text}`, [text]);
  t.equal(await client.request('valid-path?', { path: text }), 1);
  t.equal(await client.request('valid-path?', { path: nowhere }), 0);
  t.equal(await client.request('valid-path?', { path: `${daemon.storeDir}/short` as ByteString }), 0);
  await t.rejects(client.request('valid-path?', { path: '/etc/passwd' as ByteString }), {
    code: 'daemon-error',
    message: "path `/etc/passwd' is not in the store",
  });

  const flat = await client.request(
    'add-to-store',
    { name: 'file' as ByteString, obsolete: 1, recursive: 0, hashAlgorithm: 'sha256' as ByteString },
    { body: [fileArchive('contents')] },
  );
  t.equal(readFileSync(flat, 'utf8'), 'contents');
  await t.rejects(
    client.request(
      'add-to-store',
      { name: 'file' as ByteString, obsolete: 1, recursive: 1, hashAlgorithm: 'whirlpool' as ByteString },
      { body: [fileArchive('contents')] },
    ),
    { message: 'unknown hash type' },
  );

  t.same(await client.request('query-references', { path: second }), [text]);
  t.same(await client.request('query-referrers', { path: text }), [second]);
  t.match(await client.request('query-path-hash', { path: text }), /^[0-9a-f]{64}$/);
  t.match(await client.request('query-path-info', { path: second }), { deriver: '', references: [text] });
  await t.rejects(client.request('query-path-info', { path: nowhere }), { message: `path \`${nowhere}' is not valid` });
  const hashPart = text.slice(daemon.storeDir.length + 1).slice(0, 32) as ByteString;
  t.equal(await client.request('query-path-from-hash-part', { hashPart }), text);
  await t.rejects(client.request('query-path-from-hash-part', { hashPart: 'x' as ByteString }), {
    message: 'invalid hash part',
  });
  t.same(await client.request('query-valid-paths', { paths: [text, nowhere] }), [text]);
  t.same(await client.request('query-all-valid-paths', {}), [text, second, flat].sort());

  const item = shell('built', 'echo built > $out');
  const graph = graphOf(daemon.storeDir, [item]);
  const [target = '' as ByteString] = await addGraph(client, graph, [item]);
  t.same(await client.request('query-derivation-outputs', { path: target }), [outputOf(graph, target)]);
  t.same(await client.request('query-derivation-output-names', { path: target }), ['out']);
  const { text: said, error } = await build(client, [target]);
  t.equal(error, undefined);
  t.match(said, new RegExp(`^@ build-started ${target} - \\S+ ${daemon.root}/state/log/drvs/..//\\S+ \\d+\\n`));
  t.match(said, `@ build-succeeded ${target} -\n`);
  t.equal(readFileSync(outputOf(graph, target), 'utf8'), 'built\n');
  t.equal(await client.request('query-deriver', { path: outputOf(graph, target) }), target);
  t.same(await client.request('query-valid-derivers', { path: outputOf(graph, target) }), [target]);
  t.equal(await client.request('ensure-path', { path: outputOf(graph, target) }), 1);
  await t.rejects(client.request('ensure-path', { path: nowhere }), {
    message: `path \`${nowhere}' does not exist and cannot be created`,
  });

  t.same(await client.request('built-in-builders', {}), ['download', 'git-download']);
  t.same(await client.request('substitute-urls', {}), []);
  t.equal(await client.request('has-substitutes?', { path: nowhere }), 0);
  t.same(await client.request('query-substitutable-paths', { paths: [nowhere] }), []);
  t.same(await client.request('query-substitutable-path-infos', { paths: [nowhere] }), []);
  t.equal(await client.request('query-substitutable-path-info', { path: nowhere }), undefined);
  client.close();
  t.equal(await daemon.stop(), 0);
});

t.test('roots, collections and upkeep', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  const kept = await addText(client, 'kept', '1');
  const leased = await addText(client, 'leased', '2');
  const link = `${daemon.root}/link`;
  symlinkSync(kept, link);
  t.equal(await client.request('add-indirect-root', { file: link as ByteString }), 1);
  await t.rejects(client.request('add-indirect-root', { file: 'relative' as ByteString }), { code: 'daemon-error' });
  const other = await daemon.connect();
  t.equal(await other.request('add-temp-root', { path: leased }), 1);
  t.equal(await other.request('sync-with-gc', {}), 1);
  t.same(await other.request('find-roots', {}), [[link, kept]]);
  client.close();

  const third = await daemon.connect();
  const live = await third.request('collect-garbage', { ...collect, action: 0, paths: [] });
  t.same(live.paths, [kept, leased].sort());
  third.close();
  await t.rejects(other.request('collect-garbage', { ...collect, action: 2, paths: [], ignoreLiveness: 1 }), {
    message: 'you are not allowed to ignore liveness',
  });
  await t.rejects(other.request('collect-garbage', { ...collect, action: 3, paths: [kept] }), {
    message: `cannot delete path \`${kept}' since it is still alive`,
  });
  other.close();

  const last = await daemon.connect();
  let said = '';
  const onText = (piece: Buffer) => (said += piece.toString());
  const dead = await last.request('collect-garbage', { ...collect, action: 2, paths: [] }, { onText });
  t.same(dead.paths, [leased], 'what a client had leased is collected when it has gone');
  t.match(said, /^finding garbage collector roots\.\.\.\ndeleting garbage\.\.\.\n\[0 MiB\] deleting '/);
  t.same(await last.request('query-failed-paths', {}), []);
  t.equal(await last.request('clear-failed-paths', { paths: [] }), 1);
  t.equal(await last.request('verify-store', { checkContents: 1, repair: 0 }), 0);
  t.equal(await last.request('optimize-store', {}), 1);
  last.close();
  t.equal(await daemon.stop(), 0);
});

t.test('every minor version that the reference accepts', async (t) => {
  const daemon = new RunningDaemon(t);
  for (const version of [0x100, 0x104, 0x105, 0x106, 0x10a, 0x10b, 0x10c, 0x10e, 0x110, 0x126, 0x160, 0x163, 0x164]) {
    const client = await daemon.connect({ version });
    await client.request('set-options', makeSessionOptions({ keepGoing: 1 }, { 'build-cores': '1' }));
    const path = await addText(client, 'text', `version ${version}`);
    t.equal(await client.request('valid-path?', { path }), 1, `0x${version.toString(16)}`);
    t.equal(await client.request('build-things', { targets: [path], mode: 0 }), 1);
    const found = await client.request('collect-garbage', { ...collect, action: 1, paths: [] });
    t.ok(found.paths.includes(path));
    client.close();
  }
  t.equal(await daemon.stop(), 0);
});

t.test('builds that fail, check and repeat', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  const items = [
    shell('fails', 'echo no; exit 3'),
    shell('same', 'echo same > $out'),
    shell('two', 'date +%N%s > $out'),
  ];
  const graph = graphOf(daemon.storeDir, items);
  const [fails = '', same = '', two = ''] = await addGraph(client, graph, items);
  const failed = await build(client, [fails]);
  t.same(failed.error, { message: `build of \`${fails}' failed`, status: 100 });
  t.match(
    failed.text,
    `\nno\nbuilder for \`${fails}' failed with exit code 3\n@ build-failed ${fails} - 1 builder for`,
  );
  t.equal((await build(client, [same])).error, undefined);
  t.equal((await build(client, [same], { mode: 2 })).error, undefined);
  t.equal((await build(client, [same], { mode: 1 })).error, undefined);
  const repeated = await build(client, [two], { named: { 'build-repeat': '1' } });
  t.match(repeated.error?.message, /differs from previous round|failed/);
  const multiplexed = await build(client, [fails], { named: { 'multiplexed-build-output': 'true' } });
  t.match(multiplexed.text, /\n@ build-log \d+ 3\nno\n/);
  const wrong = await build(client, [same], { named: { 'build-timeout': 'soon' } });
  t.match(wrong.error?.message, "configuration setting `build-timeout' should have an integer value");
  client.close();
  t.equal(await daemon.stop(), 0);
});
