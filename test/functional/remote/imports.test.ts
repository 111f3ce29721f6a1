/** What a near side may send to a machine that builds for it: signed exports, and nothing else. */
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import { sendBytes } from '@cooper/bulk';
import { longestPiece } from '@cooper/contracts';
import { fileArchive } from '@cooper/nar';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { Cache } from '../scheduler/cache.ts';
import { shell } from '../scheduler/running-table.ts';
import { codeOf, type FarMachine, startFarMachine } from './far-machine.ts';

t.setTimeout(240_000);

t.test('S56: what nobody has signed, and what is no export', async (t) => {
  const far = await startFarMachine(t);
  const path = (await far.add(shell('input', 'echo > $out'))) as StorePath;
  const [unsigned, signed] = [await far.export([path], false), await far.export([path])];
  await far.collect();
  const near = await far.connect();
  const sent = (bytes: Uint8Array, compression?: 'none' | 'zstd') => codeOf(near.import(bytes, compression).taken);
  t.equal(await sent(unsigned), 'unsigned-import');
  const changed = Buffer.from(signed);
  changed.write('X', signed.indexOf('Derive') + 1);
  t.equal(await sent(changed), 'unauthorized-import');
  t.equal(await sent(signed.subarray(0, -20)), 'invalid-export');
  t.equal(await sent(Buffer.from('no zstd'), 'zstd'), 'invalid-export');
  t.equal(await sent(zstdCompressSync(signed).subarray(0, -20), 'zstd'), 'invalid-export');
  const [refused, needing] = [near.import(unsigned), near.import(signed)];
  t.equal(await codeOf(near.build(path, { imports: [refused.number] })), 'import-failed');
  t.match((await near.build(path, { imports: [needing.number] })).outcome, { status: 'succeeded' });
  t.equal(await codeOf(near.build(path, { imports: [999] })), 'unknown-import');
  const again = { import: 1, data: signed, last: true };
  t.equal(await codeOf(near.client.call('importPiece', again)), 'unsigned-import', 'that one has failed');
  const behind = { import: needing.number, data: signed, last: true };
  t.equal(await codeOf(near.client.call('importPiece', behind)), 'unknown-import', 'that one is over');
  await empty(far);
});

t.test('a large input passes through; one that does not wait is refused', async (t) => {
  const far = await startFarMachine(t);
  const size = 48 * 1024 * 1024;
  const { path, bytes } = await makeLarge(far, size);
  const near = await far.connect();
  await near.client.call('describe', {});
  const before = peakMemory(far);
  for (let time = 0; time < 3; time++) t.strictSame(await near.import(bytes).taken, {});
  t.ok(await far.isValid(path));
  const after = peakMemory(far);
  t.comment(`${before} MiB before, ${after} MiB after three times ${size / 2 ** 20} MiB`);
  // V8 looks for buffers that nobody needs when there are 64 MiB of them.
  t.ok(after - before < 100);

  const piece = (number: number, last = false) =>
    codeOf(near.client.call('importPiece', { import: number, data: bytes.subarray(0, longestPiece), last }));
  t.strictSame(await piece(100), {});
  const pieces = Array.from({ length: 257 }, () => piece(101));
  t.strictSame([...new Set(await Promise.all(pieces))], ['too-many-requests'], 'more than 64 MiB behind another');
  t.equal(await piece(100, true), 'invalid-export');
  t.equal(await codeOf(near.build(path, { imports: [101] })), 'import-failed', 'an import with a gap is none');
});

t.test('D07: an import waits for those that it refers to, and for no others', async (t) => {
  const far = await startFarMachine(t);
  const [first, second] = [await far.makeExport(shell('first', 'echo')), await far.makeExport(shell('second', 'echo'))];
  const { bytes: large } = await makeLarge(far, 1024 * 1024);
  const near = await far.connect();
  const send = (
    number: number,
    data: Uint8Array,
    more: { readonly last: boolean; readonly after?: readonly number[] },
  ) => near.client.call('importPiece', { import: number, data, ...more });
  await send(1, large.subarray(0, longestPiece), { last: false });
  await send(2, first.bytes, { last: true, after: [] });
  t.ok(await far.isValid(first.path), 'before the other has come');
  const behind = send(3, second.bytes, { last: true, after: [1, 2] });
  await until(() => far.staged().length > 0);
  t.notOk(await far.isValid(second.path));
  for (let at = longestPiece; at < large.length; at += longestPiece) {
    await send(1, large.subarray(at, at + longestPiece), { last: at + longestPiece >= large.length });
  }
  await behind;
  t.ok(await far.isValid(second.path));
});

t.test('the end of the connection, whatever is under way', async (t) => {
  const far = await startFarMachine(t);
  const { path, bytes } = await makeLarge(far, 4 * 1024 * 1024);
  const near = await far.connect();
  const half = bytes.subarray(0, longestPiece);
  await near.client.call('importPiece', { import: 1, data: half, last: false });
  const waiting = [
    near.client.call('importPiece', { import: 2, data: half, last: false }),
    near.client.call('importPiece', { import: 3, data: half, last: true }),
    near.build(path, { imports: [1] }),
  ].map(codeOf);
  await until(() => far.staged().length > 0);
  t.equal(await near.end(), 0);
  t.strictSame(await Promise.all(waiting), ['channel-closed', 'channel-closed', 'channel-closed']);
  await until(() => far.remotes().length === 0);
  await empty(far);
  t.notOk(await far.isValid(path));

  // A near side that takes back one build goes on with the others.
  const next = await far.connect();
  await next.client.call('importPiece', { import: 1, data: half, last: false });
  const stop = new AbortController();
  const build = codeOf(next.build(path, { imports: [1], signal: stop.signal }));
  await next.client.call('describe', {});
  stop.abort();
  t.equal(await build, 'cancelled');
});

t.test('outputs that are damaged do not go out', async (t) => {
  const far = await startFarMachine(t);
  const near = await far.connect();
  const path = await far.add(shell('damaged', 'head -c 3000000 /dev/urandom > $out'));
  t.match((await near.build(path)).outcome, { status: 'succeeded' });
  const { out = '' } = await far.outputsOf(path);
  chmodSync(out, 0o644);
  writeFileSync(out, 'x', { flag: 'r+' });
  for (const compression of ['none', 'zstd'] as const) {
    t.equal(await codeOf(near.build(path, { compression })), 'path-corrupt', compression);
  }
});

t.test('what caches have is fetched there', async (t) => {
  const cache = new Cache(t);
  const far = await startFarMachine(t, {}, ({ directories }) => cache.configure(directories.configuration));
  const near = await far.connect();
  const path = (name: string) => `${far.directory}/store/${'0'.repeat(32)}-${name}` as StorePath;
  cache.put({ path: path('had'), contents: 'from a cache' });
  const paths = [path('had'), path('lacking')];
  t.strictSame(await near.client.call('queryMissing', { paths, substitute: false }), { paths });
  t.strictSame(await near.client.call('queryMissing', { paths, substitute: true }), { paths: [path('lacking')] });
  await far.collect();
  t.ok(await far.isValid(path('had')), 'kept for as long as the channel is open');

  const derivation = await far.add(shell('substituted', 'echo built > $out'));
  const { out } = await far.outputsOf(derivation);
  cache.put({ path: out as StorePath, contents: 'not built' });
  const { outcome, sent, log } = await near.build(derivation, { substitute: true });
  t.match({ outcome, log }, { outcome: { status: 'succeeded' }, log: '' });
  t.ok(sent.includes('not built'), 'signed by this machine now');
});

interface Large {
  readonly path: StorePath;
  readonly bytes: Buffer;
}

/** The export of a file of `size` bytes that is not there any more. */
async function makeLarge(far: FarMachine, size: number): Promise<Large> {
  const wish = { name: 'large', recursive: true, hashAlgorithm: 'sha256' };
  const archive = fileArchive(Buffer.alloc(size, randomBytes(1_000_003)));
  const { info } = await far.store.call('addTree', wish, { onItem: (ticket) => sendBytes(ticket, [archive]) });
  const bytes = await far.export([info.path]);
  await far.collect();
  return { path: info.path, bytes };
}

/** The most memory, in MiB, that `cooper-remote` has had. */
function peakMemory(far: FarMachine): number {
  const [remote] = far.remotes();
  const status = readFileSync(`/proc/${remote}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

/** Waits for `condition`. Where it never holds, the test takes too long. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20);
}

/** Waits until nothing is left of imports that failed. */
function empty(far: FarMachine): Promise<void> {
  return until(() => far.staged().length === 0);
}
