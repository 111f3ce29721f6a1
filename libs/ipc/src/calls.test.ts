import { contract, integer, method, record, streamingMethod, text } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import t from 'tap';
import { connect, memoryPair, serve } from './index.ts';

const sample = contract({
  name: 'sample',
  version: 1,
  about: 'For tests.',
  methods: {
    double: method({ about: 'Double.', params: record({ n: integer() }), result: record({ n: integer() }) }),
    refuse: method({ about: 'Refuse.', params: record({}), result: record({}), errors: ['refused'] }),
    lie: method({
      about: 'Answer what the contract does not allow.',
      params: record({}),
      result: record({ n: integer() }),
    }),
    count: streamingMethod({
      about: 'Count.',
      params: record({ to: integer() }),
      item: record({ n: integer() }),
      result: record({ said: text() }),
    }),
    wait: method({ about: 'Wait until cancelled.', params: record({}), result: record({}) }),
  },
});

let sent = 0;

function start() {
  const [near, far] = memoryPair();
  const channel = serve(
    sample,
    {
      double: ({ n }) => ({ n: 2 * n }),
      refuse: () => {
        throw new Fault('refused', 'no', { why: 'because' });
      },
      lie: () => ({ n: 'three' }) as never,
      count: async ({ to }, call) => {
        sent = 0;
        for (let n = 0; n < to; n++) {
          await call.send({ n });
          sent++;
        }
        return { said: 'done' };
      },
      wait: (_params, call) =>
        new Promise((_resolve, reject) => {
          call.signal.addEventListener('abort', () => reject(new Fault('cancelled', 'given up')));
        }),
    },
    far,
    { server: 'sampler' },
  );
  return { near, channel };
}

t.test('a call is answered, integers exactly', async (t) => {
  const client = await connect(sample, start().near, { client: 'test' });
  t.equal(client.server, 'sampler');
  t.same(await client.call('double', { n: 4 }), { n: 8 });
  t.same(await client.call('double', { n: 2 ** 51 }), { n: 2 ** 52 });
  client.close();
  t.equal(await client.closed, undefined);
});

t.test('a fault crosses with code, message and facts', async (t) => {
  const client = await connect(sample, start().near, { client: 'test' });
  await t.rejects(client.call('refuse', {}), { code: 'refused', message: 'no', facts: { why: 'because' } });
});

t.test('what the contract does not allow is refused on either side', async (t) => {
  const client = await connect(sample, start().near, { client: 'test' });
  await t.rejects(client.call('double', { n: 'x' } as never), { code: 'invalid-request', message: /params\.n/ });
  await t.rejects(client.call('lie', {}), { code: 'invalid-response', message: /lie result\.n/ });
});

t.test('a server never sends beyond its credit', async (t) => {
  const client = await connect(sample, start().near, { client: 'test' });
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const seen: number[] = [];
  const call = client.call(
    'count',
    { to: 1000 },
    {
      onItem: async ({ n }) => {
        await gate;
        seen.push(n);
      },
    },
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(sent, 64);
  open();
  t.same(await call, { said: 'done' });
  t.same(
    seen,
    Array.from({ length: 1000 }, (_, n) => n),
  );
});

t.test('cancelling reaches the handler, and the answer the caller', async (t) => {
  const client = await connect(sample, start().near, { client: 'test' });
  const controller = new AbortController();
  const call = client.call('wait', {}, { signal: controller.signal });
  controller.abort();
  await t.rejects(call, { code: 'cancelled' });
});

t.test('the end of the channel ends what is under way, on both sides', async (t) => {
  const { near, channel } = start();
  const client = await connect(sample, near, { client: 'test' });
  const call = client.call('wait', {});
  channel.close();
  await t.rejects(call, { code: 'channel-closed' });
});
