/** What `cooper serve` serves: narinfos that are believed, archives in each compression, parts of them, logs, files. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { equalHashes, formatHash, hashBytes } from '@cooper/hash';
import { type Narinfo, parseNarinfo } from '@cooper/narinfo';
import { authorise, emptyAccessList, judgeNarinfo, parseNixPublicKey, parsePublicKey } from '@cooper/signature';
import { type StorePath, storePathBaseName, storePathHashPart } from '@cooper/store-path';
import t from 'tap';
import { lineOf, makeCooper, startServer } from './running-server.ts';

t.setTimeout(300_000);

const cooper = makeCooper(t);
const decompress: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  none: (bytes) => bytes,
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
  br: brotliDecompressSync,
};
const choices = Object.keys(decompress).flatMap((compression) => ['--compression', compression]);
const contents = Buffer.from('some contents\n'.repeat(100_000));

await lineOf(cooper.run('key', 'generate'));
await lineOf(cooper.run('key', 'generate', '--nix', 'test-1'));
const large = (await lineOf(cooper.run('store', 'add', cooper.file('large', contents)))) as StorePath;
const small = Buffer.from('a small file\n');
const flat = (await lineOf(cooper.run('store', 'add', '--flat', cooper.file('flat.txt', small)))) as StorePath;
const recipe = cooper.recipe(`
const note = text('note', 'noted');
export default shell('built', 'echo a line of the log; echo $note > $out', { env: { note } });
`);
const built = (await lineOf(cooper.run('build', '--file', recipe))) as StorePath;
const cache = join(cooper.directory, 'cache');
const server = await startServer(t, cooper, ...choices, '--cache', cache, '--ttl', '77', '--negative-ttl', '7');

async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const answer = await fetch(`${server.url}/${path}`, { headers, method });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}

async function narinfoOf(path: StorePath): Promise<Narinfo> {
  const { status, body } = await get(`${storePathHashPart(path)}.narinfo`);
  t.equal(status, 200);
  return parseNarinfo(cooper.store, body);
}

/** The size of what is kept shows as soon as it is kept. */
async function untilKept(path: StorePath): Promise<Narinfo> {
  for (const deadline = Date.now() + 30_000; ; await delay(50)) {
    const narinfo = await narinfoOf(path);
    if (narinfo.files.every(({ fileSize }) => fileSize !== undefined) || Date.now() > deadline) return narinfo;
  }
}

t.test('what describes the server', async (t) => {
  const { body } = await get('nix-cache-info');
  t.equal(body.toString(), `StoreDir: ${cooper.store}\nWantMassQuery: 1\nPriority: 100\n`);
  t.same((await get('signing-key.pub')).body, readFileSync(join(cooper.state, 'etc/signing-key.pub')));
  t.match((await get('')).body.toString(), cooper.store);
});

t.test('narinfos are signed for Guix and for Nix', async (t) => {
  const key = parsePublicKey((await get('signing-key.pub')).body).expression;
  const nixKey = parseNixPublicKey(readFileSync(join(cooper.state, 'etc/nix-signing-key.pub'), 'latin1'));
  const narinfo = await narinfoOf(built);
  t.equal(judgeNarinfo(narinfo, { accessList: authorise(emptyAccessList, key), nixKeys: [] }), 'authorised');
  t.equal(judgeNarinfo(narinfo, { accessList: emptyAccessList, nixKeys: [nixKey] }), 'authorised');
  t.same([narinfo.path, narinfo.references.map((path) => path.slice(-5))], [built, ['-note']]);
  t.match(narinfo.deriver, /-built\.drv$/);
  t.match(await narinfoOf(narinfo.deriver ?? built), { path: narinfo.deriver }, 'that of a derivation, too');
});

t.test('archives in each compression, kept from the first time on', async (t) => {
  const { files, narHash, narSize } = await narinfoOf(large);
  t.same(
    files.map(({ compression }) => compression),
    Object.keys(decompress),
  );
  for (const { url, compression } of files) {
    const { body, headers } = await get(url);
    const archive = decompress[compression ?? '']?.(body) ?? Buffer.of();
    t.ok(equalHashes(hashBytes('sha256', archive), narHash), `${compression}: ${body.length} bytes`);
    t.equal(archive.length, narSize);
    t.equal(headers.get('cache-control'), 'max-age=77');
  }
  for (const { url, fileSize = 0 } of (await untilKept(large)).files) {
    const whole = await get(url);
    t.equal(whole.body.length, fileSize);
    t.equal(whole.headers.get('content-length'), String(fileSize));
    const part = await get(url, { range: 'bytes=10-19' });
    t.same([part.status, part.body], [206, whole.body.subarray(10, 20)]);
    t.equal(part.headers.get('content-range'), `bytes 10-19/${fileSize}`);
    const etag = whole.headers.get('etag') ?? '';
    const rest = await get(url, { range: `bytes=${fileSize - 5}-`, 'if-range': etag });
    t.same([rest.status, rest.body], [206, whole.body.subarray(-5)]);
    t.equal((await get(url, { range: 'bytes=10-19', 'if-range': '"another"' })).status, 200);
    t.equal((await get(url, { range: `bytes=${fileSize}-` })).status, 416);
    const head = await get(url, {}, 'HEAD');
    t.same([head.status, head.body.length, head.headers.get('content-length')], [200, 0, String(fileSize)]);
  }
});

t.test('logs and files', async (t) => {
  const log = await get(`log/${storePathBaseName(built)}`, { 'accept-encoding': 'gzip' });
  t.equal(log.headers.get('content-encoding'), 'gzip');
  t.equal(log.body.toString(), 'a line of the log\n');
  const plain = await get(`log/${storePathBaseName(built)}`, { 'accept-encoding': 'identity' });
  t.same([plain.headers.get('content-encoding'), plain.body.toString()], [null, 'a line of the log\n']);
  const hash = formatHash(hashBytes('sha256', small), 'base32');
  t.ok((await get(`file/flat.txt/sha256/${hash}`)).body.equals(small));
});

t.test('what is not there, and for how long', async (t) => {
  const hashPart = storePathHashPart(large);
  const names = [
    `${'0'.repeat(32)}.narinfo`,
    'nothing',
    `nar/lzip/${storePathBaseName(large)}`,
    `nar/${'0'.repeat(32)}-x`,
  ];
  for (const name of [
    ...names,
    `log/${storePathBaseName(large)}`,
    `file/x/sha256/${'0'.repeat(52)}`,
    `${hashPart}.ls`,
  ]) {
    const { status, headers } = await get(name);
    t.same([status, headers.get('cache-control')], [404, 'max-age=7'], name);
  }
  t.equal((await get(`${hashPart}.narinfo`, {}, 'POST')).status, 405);
});

t.test('clients that break off, or talk nonsense, bother nobody', async (t) => {
  const path = await lineOf(cooper.run('store', 'add', cooper.file('other', Buffer.concat([contents, Buffer.of(1)]))));
  const stop = new AbortController();
  const answer = await fetch(`${server.url}/nar/br/${storePathBaseName(path as StorePath)}`, { signal: stop.signal });
  await answer.body?.getReader().read();
  stop.abort();
  t.match(await sendRaw('nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /);
  t.match(await sendRaw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  t.match(await sendRaw('GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 404 /);
  t.equal((await get('nix-cache-info')).status, 200);
});

function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let said = '';
    socket.on('data', (data) => (said += data.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(said));
    socket.write(text);
  });
}

t.test('an item that was damaged does not arrive whole', async (t) => {
  chmodSync(flat, 0o644);
  writeFileSync(flat, 'A small file\n');
  for (const compression of ['', 'gzip/']) {
    await t.rejects(get(`nar/${compression}${storePathBaseName(flat)}`), compression);
  }
  t.match(server.log(), /hash of path .* has changed/);
});

t.test('what cannot be served is refused at once', async (t) => {
  t.match(await cooper.run('serve', '--listen', 'nonsense'), { status: 1, stderr: /--listen takes \[HOST:\]PORT/ });
  const { port } = new URL(server.url);
  t.match(await cooper.run('serve', '--listen', `127.0.0.1:${port}`), { status: 1, stderr: /cannot listen at/ });
  const wrong = await cooper.run('serve', '--listen', '127.0.0.1:0', '--compression', 'gzip:99');
  t.match(wrong, { status: /[1-9]/, stderr: /--compression takes a level from 1 to 9/ });
  t.notMatch(wrong.stderr, /serving/);
});

t.test('it ends when it is told to', async (t) => {
  t.equal(await server.stop(), 0);
  await t.rejects(fetch(server.url));
});
