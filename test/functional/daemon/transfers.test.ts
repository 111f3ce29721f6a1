/** Exports and imports through the daemon, and archives that do not fit into memory: with COOPER_LARGE_TESTS=1, of 5 GiB. */

import { readFileSync } from 'node:fs';
import type { ByteString } from '@cooper/byte-string';
import { fileArchive } from '@cooper/nar';
import t from 'tap';
import { addText, RunningDaemon } from './running-daemon.ts';

const isLarge = process.env['COOPER_LARGE_TESTS'] === '1';
t.setTimeout(isLarge ? 1_000_000 : 110_000);

/** The most memory that the process has had, in kilobytes. */
function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

t.test('a large file comes in and goes out in little memory', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  await addText(client, 'first', 'so that everything is loaded');
  const pid = daemon.processes().get('cooper-daemon') ?? 0;
  const store = daemon.processes().get('cooper-store') ?? 0;
  const before = [peakOf(pid), peakOf(store)];
  const [size, piece] = [(isLarge ? 5120 : 512) * 1024 * 1024, 1024 * 1024];
  const empty = fileArchive('');
  const head = Buffer.from(empty.subarray(0, empty.length - 16));
  head.writeBigUInt64LE(BigInt(size), head.length - 8);
  const contents = Buffer.alloc(piece, 'x');
  function* body(): Generator<Uint8Array> {
    yield head;
    for (let sent = 0; sent < size; sent += piece) yield contents;
    yield empty.subarray(empty.length - 16);
  }
  const wish = { name: 'large' as ByteString, obsolete: 1, recursive: 1, hashAlgorithm: 'sha256' as ByteString };
  const path = await client.request('add-to-store', wish, { body: body() });
  let received = 0;
  await client.request('export-path', { path, sign: 0 }, { onData: (data) => (received += data.length) });
  t.ok(received > size, `${received} bytes came out`);
  const growth = [pid, store].map((each, index) => (peakOf(each) - (before[index] ?? 0)) / 1024);
  t.comment(`memory has grown by ${growth.map(Math.round).join(' and ')} MB in daemon and store`);
  for (const each of growth) t.ok(each < 200);
  client.close();
  t.equal(await daemon.stop(), 0);
});

t.test('what is imported must be signed', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  const path = await addText(client, 'text', 'unsigned');
  const pieces: Buffer[] = [];
  await client.request('export-path', { path, sign: 0 }, { onData: (data) => pieces.push(data) });
  const one = Buffer.alloc(8);
  one.writeUInt8(1);
  const stream = Buffer.concat([one, ...pieces, Buffer.alloc(8)]);
  let at = 0;
  const give = (most: number) => {
    const part = stream.subarray(at, at + most);
    at += part.length;
    return part;
  };
  await t.rejects(client.request('import-paths', {}, { give }), { code: 'daemon-error' });
  t.equal(await client.request('valid-path?', { path }), 1, 'the session goes on');
  await t.rejects(client.request('import-paths', {}, { give: () => Buffer.alloc(0) }), {
    message: 'unexpected end-of-file',
  });
  client.close();
  t.equal(await daemon.stop(), 0);
});

t.test('a text as long as there may be, and one that is longer', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  const long = 'x'.repeat(15 * 1024 * 1024);
  t.equal(await client.request('valid-path?', { path: await addText(client, 'long', long) }), 1);
  // It may still be writing when the daemon has answered and gone.
  await t.rejects(addText(client, 'longer', `${long}${long}`), { code: /^(daemon-error|connection-closed)$/ });
  const again = await daemon.connect();
  await addText(again, 'short', 'x');
  again.close();
  t.equal(await daemon.stop(), 0);
});
