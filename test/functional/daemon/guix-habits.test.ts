/** What Guix's own programs and tests take for granted of a daemon, and few protocols would tell. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { encodeBase32 } from '@cooper/base32';
import { hashBytes } from '@cooper/hash';
import { fileArchive } from '@cooper/nar';
import type { StorePath } from '@cooper/store-path';
import type { WorkerClient } from '@cooper/worker-client';
import { makeSessionOptions } from '@cooper/worker-protocol';
import t, { type Test } from 'tap';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { addText, cooperProgram, pathIn, RunningDaemon } from './running-daemon.ts';

const collection = { ignoreLiveness: 0, maxFreed: 2n ** 64n - 1n, obsolete: 0, obsolete2: 0, obsolete3: 0 };

t.test('what a session has added it may collect; what another has, it may not', async (t) => {
  const daemon = new RunningDaemon(t);
  const [own, other] = [await daemon.connect(), await daemon.connect()];
  const mine = await addText(own, 'mine', 'x');
  const theirs = await addText(other, 'theirs', 'x');
  const dead = await own.request('collect-garbage', { action: 1, paths: [], ...collection });
  t.same(dead.paths, [mine]);
  const kept = own.request('collect-garbage', { action: 3, paths: [theirs], ...collection });
  await t.rejects(kept, { code: 'daemon-error', message: /still alive/ });
  const freed = await own.request('collect-garbage', { action: 3, paths: [mine], ...collection });
  t.same(freed.paths, [mine]);
  t.notOk(existsSync(mine));
  t.equal(await addText(own, 'mine', 'x'), mine, 'and can be had again');
  t.ok(existsSync(mine));
  const again = other.request('collect-garbage', { action: 3, paths: [mine], ...collection });
  await t.rejects(again, { message: /still alive/ });
  for (const client of [own, other]) client.close();
  t.equal(await daemon.stop(), 0);
});

t.test('a derivation without outputs is nothing to be built', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  const path = await addText(client, 'none.drv', 'Derive([],[],[],"x86_64-linux","/bin/sh",[],[])');
  await client.request('build-things', { targets: [path], mode: 0 });
  t.same(await client.request('query-derivation-outputs', { path }), []);
  client.close();
  t.equal(await daemon.stop(), 0);
});

/** A daemon with a cache in a directory, whose narinfos nobody has signed. */
function withCache(t: Test) {
  const cache = temporaryDirectory(t);
  const env = { ...process.env, GUIX_ALLOW_UNAUTHENTICATED_SUBSTITUTES: 'yes' };
  const daemon = new RunningDaemon(t, [`--substitute-urls=file://${cache}`], { env });
  writeFileSync(`${cache}/nix-cache-info`, `StoreDir: ${daemon.storeDir}\n`);
  const offer = (digit: string, size: bigint, contents = ''): StorePath => {
    const archive = fileArchive(contents);
    writeFileSync(`${cache}/${digit}.nar`, archive);
    const hash = encodeBase32(hashBytes('sha256', archive).digest);
    const path = pathIn(daemon.storeDir, `${digit.repeat(32)}-offered`);
    const lines = [`StorePath: ${path}`, `URL: ${digit}.nar`, 'Compression: none', `NarHash: sha256:${hash}`];
    const more = [`NarSize: ${size}`, 'References: ', 'System: x86_64-linux', ''];
    writeFileSync(`${cache}/${digit.repeat(32)}.narinfo`, [...lines, ...more].join('\n'));
    return path;
  };
  return { cache, daemon, offer };
}

function choose(client: WorkerClient, urls: string) {
  return client.request('set-options', makeSessionOptions({}, { 'substitute-urls': urls }));
}

t.test('the caches are those that a client chooses; it may choose none', async (t) => {
  const { cache, daemon, offer } = withCache(t);
  const path = offer('a', 1234n);
  const found = [];
  for (const urls of [undefined, `file://${cache}`, 'file:///nonexistent', `file://${cache}`, '']) {
    const client = await daemon.connect();
    if (urls !== undefined) await choose(client, urls);
    found.push((await client.request('query-substitutable-paths', { paths: [path] })).length);
    client.close();
  }
  t.same(found, [1, 1, 0, 1, 0]);
  t.equal(await daemon.stop(), 0);
});

t.test('sizes that nobody signed are told as they are, and not held against what comes', async (t) => {
  const { daemon, offer } = withCache(t);
  const client = await daemon.connect();
  const size = 2n ** 63n + 100n;
  const huge = offer('b', size);
  const [info] = await client.request('query-substitutable-path-infos', { paths: [huge] });
  t.equal(info?.narSize, size);
  for (const [digit, wrong] of [
    ['c', 1234n],
    ['d', 2n ** 31n + 100n],
    ['f', 8n],
    ['g', size],
  ] as const) {
    const path = offer(digit, wrong, `contents ${digit}`);
    await client.request('ensure-path', { path });
    t.equal(readFileSync(path, 'utf8'), `contents ${digit}`, `instead of ${wrong}`);
  }
  client.close();
  t.equal(await daemon.stop(), 0);
});

t.test('a host believes what it has signed itself, until it has a list of its own', async (t) => {
  const configuration = temporaryDirectory(t);
  const env = { ...process.env, GUIX_CONFIGURATION_DIRECTORY: configuration };
  spawnSync(cooperProgram, ['key', 'generate'], { env, stdio: 'ignore' });
  const daemon = new RunningDaemon(t, [], { env });
  const client = await daemon.connect();
  const path = await addText(client, 'text', 'signed here');
  const pieces: Buffer[] = [];
  await client.request('export-path', { path, sign: 1 }, { onData: (data) => pieces.push(data) });
  const stream = Buffer.concat([integer(1), ...pieces, integer(0)]);
  const bring = async () => {
    await client.request('collect-garbage', { action: 3, paths: [path], ...collection });
    let at = 0;
    const give = (most: number) => {
      const part = stream.subarray(at, at + most);
      at += part.length;
      return part;
    };
    return client.request('import-paths', {}, { give });
  };
  t.same(await bring(), [path]);
  writeFileSync(`${configuration}/acl`, '(acl)');
  await t.rejects(bring(), { code: 'daemon-error', message: /unauthori[sz]ed public key/ });
  client.close();
  t.equal(await daemon.stop(), 0);
});

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(value);
  return bytes;
}
