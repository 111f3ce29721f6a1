/** Caches over https: whose certificates count, and HTTP/2, where many requests share a connection. */
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import t, { type Test } from 'tap';
import { MadeCache } from '../../../test/support/made-cache.ts';
import { RunningAgent } from '../../../test/support/substitute-agent.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';

const storeDir = '/gnu/store';
t.setTimeout(120_000);

/** A key, and a certificate for this machine that nobody vouches for. */
function makeCertificate(): string | undefined {
  const subject = ['-subj', '/CN=nobody', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, '-keyout', '-', '-out', '-'];
  const { status, stdout } = spawnSync('openssl', words, { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

const certificate = makeCertificate() ?? '';
const skip = certificate === '' && 'needs openssl';

async function listen(t: Test, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Trusts the certificate, as people do who have one of their own. */
function trusting(t: Test): Readonly<Record<string, string>> {
  const directory = temporaryDirectory(t);
  chmodSync(directory, 0o755);
  writeFileSync(`${directory}/ca.pem`, certificate.slice(certificate.indexOf('-----BEGIN CERTIFICATE-----')));
  return { NODE_EXTRA_CA_CERTS: `${directory}/ca.pem` };
}

t.test('HTTP/2: all over few connections, believed by the given certificate', { skip }, async (t) => {
  const cache = new MadeCache(storeDir);
  const items = Array.from({ length: 100 }, () => cache.addRandom(1000, { packing: 'zstd' }));
  const large = cache.addRandom(6_000_000);
  const versions = new Set<string>();
  const answer = (request: Http2ServerRequest, response: Http2ServerResponse) => {
    versions.add(request.httpVersion);
    const file = cache.files.get(request.url.slice(1));
    response.writeHead(file === undefined ? 404 : 200).end(file ?? '');
  };
  const server: Http2SecureServer = createSecureServer(
    { key: certificate, cert: certificate, allowHTTP1: true },
    answer,
  );
  const sessions: { close(): void }[] = [];
  server.on('session', (session) => void sessions.push(session));
  t.teardown(() => {
    for (const session of sessions) session.close();
  });
  const url = await listen(t, server);

  const stranger = new RunningAgent(t, { urls: [url], keys: [cache.key] });
  t.same(await stranger.query([large.path]), [null], 'a certificate that nobody vouches for');
  t.match(stranger.warnings.join(), /certificate/);
  await stranger.stop();
  sessions.length = 0;

  const agent = new RunningAgent(t, { urls: [url], keys: [cache.key], environment: trusting(t) });
  const infos = await agent.query([...items, large].map(({ path }) => path));
  const ends = await agent.fetchSmall(infos.slice(0, -1));
  t.ok(
    ends.every((end) => end?.outcome.status === 'fetched'),
    agent.warnings.join(),
  );
  const last = infos.at(-1);
  if (!last) throw new Error('it is not offered');
  t.equal((await agent.fetch(last)).hash, large.hash);
  t.same([...versions], ['2.0']);
  t.ok(sessions.length <= 9, `${sessions.length} connections for ${2 * items.length + 2} requests`);
  await agent.stop();
});

t.test('HTTP/1.1 over TLS', { skip }, async (t) => {
  const cache = new MadeCache(storeDir);
  const item = cache.addRandom(200_000, { packing: 'gzip' });
  const server = createServer({ key: certificate, cert: certificate }, ({ url }, response) => {
    const file = cache.files.get(`${url}`.slice(1));
    response.writeHead(file === undefined ? 404 : 200, { 'content-length': file?.length ?? 0 }).end(file);
  });
  const url = await listen(t, server);
  const agent = new RunningAgent(t, { urls: [url], keys: [cache.key], environment: trusting(t) });
  const [info] = await agent.query([item.path]);
  if (!info) throw new Error(agent.warnings.join());
  t.equal((await agent.fetch(info)).hash, item.hash);
  await agent.stop();
});
