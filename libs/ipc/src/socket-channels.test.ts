/** Channels over real sockets: peers that are slow, gone, or end in the middle. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes, contract, integer, method, record, streamingMethod } from '@cooper/contracts';
import t from 'tap';
import { connect, serve } from './index.ts';
import { frame } from './raw-messages.ts';

const sample = contract({
  name: 'sample',
  version: 1,
  about: 'For tests.',
  methods: {
    echo: method({ about: 'Echo.', params: record({ data: bytes() }), result: record({ data: bytes() }) }),
    pause: method({ about: 'Wait.', params: record({}), result: record({}) }),
    count: streamingMethod({
      about: 'Count, and close the channel behind the answer.',
      params: record({ to: integer() }),
      item: record({ n: integer() }),
      result: record({}),
    }),
  },
});

let served = 0;

function serveOn(stream: Socket) {
  const channel = serve(
    sample,
    {
      echo: ({ data }) => {
        served++;
        return { data };
      },
      pause: () => new Promise(() => {}),
      count: async ({ to }, call) => {
        for (let n = 0; n < to; n++) await call.send({ n });
        setImmediate(() => channel.close());
        return {};
      },
    },
    stream,
    { server: 'sampler' },
  );
  return channel;
}

async function socketPair(): Promise<[near: Socket, far: Socket]> {
  const directory = mkdtempSync(join(tmpdir(), 'cooper-ipc-'));
  const path = join(directory, 'socket');
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  const near = dial(path);
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [[Socket], unknown];
  server.close();
  rmSync(directory, { recursive: true });
  return [near, far];
}

t.test('large messages cross both ways at once', async (t) => {
  const [near, far] = await socketPair();
  serveOn(far);
  const client = await connect(sample, near, { client: 'test' });
  const data = Buffer.alloc(3_000_000, 'x');
  // More than either end lets wait: if both stopped reading, nothing would move again.
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.call('echo', { data })));
  t.ok(answers.every((answer) => data.equals(answer.data)));
  client.close();
  t.equal(await client.closed, undefined);
});

t.test('a message that fits no frame fails its call alone', async (t) => {
  const [near, far] = await socketPair();
  serveOn(far);
  const client = await connect(sample, near, { client: 'test' });
  await t.rejects(client.call('echo', { data: Buffer.alloc(16 * 1024 * 1024) }), { code: 'message-too-long' });
  t.equal(
    (await client.call('echo', { data: Buffer.alloc(16 * 1024 * 1024 - 100) })).data.length,
    16 * 1024 * 1024 - 100,
  );
  client.close();
});

t.test('what a client asks that does not read its answers waits unread', async (t) => {
  const [near, far] = await socketPair();
  const channel = serveOn(far);
  near.pause();
  served = 0;
  near.write(frame([0, 1, 'initialize', { contract: 'sample', version: 1, features: [], client: 'slow' }]));
  for (let id = 2; id < 202; id++) near.write(frame([0, id, 'echo', { data: Buffer.alloc(1_000_000) }]));
  await new Promise((resolve) => setTimeout(resolve, 300));
  t.ok(served > 0 && served < 20, `${served} of 200 were read`);
  near.resume();
  while (served < 200) await new Promise((resolve) => setTimeout(resolve, 20));
  t.pass('the rest is read when the client reads');
  near.destroy();
  await channel.settled;
});

t.test('an answer counts though the server closes behind it and items are still being taken', async (t) => {
  const [near, far] = await socketPair();
  serveOn(far);
  const client = await connect(sample, near, { client: 'test' });
  let taken = 0;
  const onItem = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    taken++;
  };
  t.strictSame(await client.call('count', { to: 20 }, { onItem }), {});
  t.equal(taken, 20);
});

t.test('when the server goes, calls fail, and later ones too', async (t) => {
  const [near, far] = await socketPair();
  serveOn(far);
  const client = await connect(sample, near, { client: 'test' });
  const call = client.call('pause', {});
  far.destroy();
  await t.rejects(call, { code: 'channel-closed', message: /the channel to the sample process is closed/ });
  await client.closed;
  await t.rejects(client.call('pause', {}), { code: 'channel-closed' });
});

t.test('an end in the middle of a message is a fault', async (t) => {
  const [near, far] = await socketPair();
  const channel = serveOn(far);
  near.end(Buffer.of(0, 0, 0, 9, 1, 2));
  t.match(await channel.closed, { code: 'channel-closed', message: /middle of a message/ });
});

t.test('a server that is no server', async (t) => {
  const [near, far] = await socketPair();
  far.end('220 mail.example.org ESMTP\r\n');
  await t.rejects(connect(sample, near, { client: 'test' }), { code: 'malformed-message' });
});

t.test('a stream that is gone before', async (t) => {
  const [near] = await socketPair();
  near.destroy();
  await once(near, 'close');
  await t.rejects(connect(sample, near, { client: 'test' }), { code: 'channel-closed' });
});

t.test('closing does not wait for ever for a peer that does not read', async (t) => {
  const [near, far] = await socketPair();
  const channel = serveOn(far);
  const client = await connect(sample, near, { client: 'test' });
  far.pause();
  const call = client.call('echo', { data: Buffer.alloc(15_000_000) });
  client.close();
  await t.rejects(call, { code: 'channel-closed' });
  await client.closed;
  far.resume();
  t.match(await channel.closed, { code: 'channel-closed' });
});

t.test('signals that outlive calls gather nothing', async (t) => {
  const [near, far] = await socketPair();
  serveOn(far);
  const client = await connect(sample, near, { client: 'test' });
  const { signal } = new AbortController();
  const warned = new Promise((resolve) => process.once('warning', resolve));
  for (let n = 0; n < 20; n++) await client.call('echo', { data: Buffer.of(n) }, { signal });
  const quiet = new Promise((resolve) => setTimeout(() => resolve('quiet'), 20));
  t.equal(await Promise.race([warned, quiet]), 'quiet');
  await t.rejects(client.call('echo', { data: Buffer.of(1) }, { signal: AbortSignal.abort() }), { code: 'cancelled' });
  client.close();
});
