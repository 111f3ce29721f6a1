/** Clients that do not keep to the protocol, against our server. */
import { contract, integer, method, record, streamingMethod } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import fc from 'fast-check';
import t from 'tap';
import { connect, memoryPair, serve } from './index.ts';
import { frame, messages } from './raw-messages.ts';

const sample = contract({
  name: 'sample',
  version: 1,
  about: 'For tests.',
  methods: {
    double: method({ about: 'Double.', params: record({ n: integer() }), result: record({ n: integer() }) }),
    wait: method({ about: 'Wait until cancelled.', params: record({}), result: record({}) }),
    odd: method({ about: 'Fail with odd facts.', params: record({}), result: record({}) }),
    bug: method({ about: 'Fail by a bug.', params: record({}), result: record({}) }),
    unsendable: method({ about: 'Answer what cannot be sent.', params: record({}), result: record({}) }),
    flood: streamingMethod({
      about: 'Stream for ever.',
      params: record({}),
      item: record({ n: integer() }),
      result: record({}),
    }),
  },
});

const greeting = { contract: 'sample', version: 1, features: [], client: 'test' };
const hello = frame([0, 1, 'initialize', greeting]);

function startServer() {
  const [near, far] = memoryPair();
  const bugs: unknown[] = [];
  let sent = 0;
  const channel = serve(
    sample,
    {
      double: ({ n }) => ({ n: 2 * n }),
      wait: (_params, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({}))),
      odd: () => {
        throw new Fault('odd', 'x'.repeat(100_000), {
          error: new Error('inner'),
          list: [1.5, undefined],
          deep: [[[[[1]]]]],
        });
      },
      bug: () => {
        throw new Error('secret');
      },
      unsendable: () => ({ at: new Date() }),
      flood: async (_params, call) => {
        for (let n = 0; !call.signal.aborted; n++) {
          await call.send({ n });
          sent++;
        }
        return {};
      },
    },
    far,
    { server: 'sampler', onBug: (error) => bugs.push(error) },
  );
  return { near, channel, bugs, sent: () => sent };
}

t.test('requests may follow initialize without waiting for its answer', async (t) => {
  const { near } = startServer();
  const arrived = messages(near);
  near.write(Buffer.concat([hello, frame([0, 2, 'double', { n: 4 }])]));
  t.match(await arrived.next(), [1, 1, null, { server: 'sampler' }]);
  t.strictSame(await arrived.next(), [1, 2, null, { n: 8 }]);
});

t.test('nothing is served before initialize, and initialize only once', async (t) => {
  const { near } = startServer();
  const arrived = messages(near);
  near.write(frame([0, 1, 'double', { n: 4 }]));
  t.match(await arrived.next(), [1, 1, { code: 'invalid-request', message: /before initialize/ }, null]);
  near.write(hello);
  t.match(await arrived.next(), [1, 1, null]);
  near.write(frame([0, 2, 'initialize', greeting]));
  t.match(await arrived.next(), [1, 2, { code: 'invalid-request', message: /twice/ }, null]);
});

t.test('another contract or version is told why, and cut off', async (t) => {
  for (const wrong of [
    { contract: 'store', version: 1 },
    { contract: 'sample', version: 2 },
  ]) {
    const { near, channel } = startServer();
    const arrived = messages(near);
    near.write(frame([0, 1, 'initialize', { ...wrong, features: [], client: 'test' }]));
    t.match(await arrived.next(), [
      1,
      1,
      { code: 'contract-mismatch', message: /sampler serves sample 1, not / },
      null,
    ]);
    t.match(await channel.closed, { code: 'contract-mismatch' });
  }
});

t.test('unknown calls are refused, names of Object.prototype too', async (t) => {
  const { near } = startServer();
  const arrived = messages(near);
  near.write(hello);
  await arrived.next();
  for (const name of ['nosuch', 'constructor', '__proto__', 'toString', '']) {
    near.write(frame([0, 5, name, {}]));
    t.match(await arrived.next(), [1, 5, { code: 'invalid-request', message: /has no call/ }, null]);
  }
});

t.test('params that are no map are refused', async (t) => {
  const { near } = startServer();
  const arrived = messages(near);
  near.write(hello);
  await arrived.next();
  for (const params of [null, [], 'x', 7, Buffer.from('x')]) {
    near.write(frame([0, 5, 'double', params]));
    t.match(await arrived.next(), [1, 5, { code: 'invalid-request', message: /^params: expected a map/ }, null]);
  }
});

t.test('what is no message ends the channel with a fault', async (t) => {
  const wrong = [
    null,
    [],
    [3, 1, 'x', {}],
    [0, 1, 'x'],
    [0, -1, 'double', {}],
    [0, 'a', 'double', {}],
    [0, 1, 7, {}],
    [1, 1, null, {}],
    [2, '$/item', { id: 1, item: {} }],
    [2, '$/credit', { id: 1, n: -5 }],
    [2, '$/credit', { id: 1 }],
    [2, '$/cancel', null],
  ];
  for (const message of wrong) {
    const { near, channel } = startServer();
    near.on('error', () => undefined);
    near.write(Buffer.concat([hello, frame(message)]));
    near.resume();
    t.match(await channel.closed, { code: 'malformed-message' }, JSON.stringify(message));
  }
});

t.test('a request under the number of one that runs ends the channel, and the one that runs', async (t) => {
  const { near, channel } = startServer();
  near.resume();
  near.write(Buffer.concat([hello, frame([0, 2, 'wait', {}]), frame([0, 2, 'wait', {}])]));
  t.match(await channel.closed, { code: 'malformed-message', message: /request 2 is still under way/ });
  t.match(await channel.settled, { code: 'malformed-message' });
});

t.test('notifications that we do not know are ignored', async (t) => {
  const { near } = startServer();
  const arrived = messages(near);
  near.write(Buffer.concat([hello, frame([2, '$/future', [1]]), frame([0, 2, 'double', { n: 1 }])]));
  await arrived.next();
  t.strictSame(await arrived.next(), [1, 2, null, { n: 2 }]);
});

t.test('odd facts cross as text, bugs only as their place', async (t) => {
  const { near, bugs } = startServer();
  const client = await connect(sample, near, { client: 'test' });
  await t.rejects(client.call('odd', {}), {
    code: 'odd',
    facts: { error: 'Error: inner', list: ['1.5', 'undefined'] },
  });
  await t.rejects(client.call('bug', {}), {
    code: 'internal-error',
    message: 'sampler failed in bug; its log says more',
  });
  t.match(bugs, [{ message: 'secret' }]);
  await t.rejects(client.call('unsendable', {}), { code: 'internal-error' });
  t.equal(bugs.length, 2);
});

t.test('too many requests at once are refused, one by one', async (t) => {
  const { near } = startServer();
  const client = await connect(sample, near, { client: 'test' });
  const calls = Array.from({ length: 10_001 }, () => client.call('wait', {}));
  await t.rejects(calls.at(-1) as Promise<unknown>, { code: 'too-many-requests' });
  client.close();
  t.equal((await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected').length, 10_001);
});

t.test('a client that grants no credit gets its window and no more; when it goes, the call ends', async (t) => {
  const { near, channel, sent } = startServer();
  near.resume();
  near.write(Buffer.concat([hello, frame([0, 2, 'flood', {}])]));
  await new Promise((resolve) => setTimeout(resolve, 30));
  t.equal(sent(), 64);
  near.write(frame([2, '$/credit', { id: 2, n: 6 }]));
  await new Promise((resolve) => setTimeout(resolve, 30));
  t.equal(sent(), 70);
  near.destroy();
  t.equal(await channel.settled, undefined);
});

t.test('noise of any kind only ends the channel', async () => {
  const noise = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    fc
      .anything({ withNullPrototype: false, maxDepth: 2, values: [fc.integer(), fc.string({ unit: 'grapheme' })] })
      .map(frame),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(noise, { minLength: 1, maxLength: 4 }), async (chunks) => {
      const { near, channel } = startServer();
      near.resume();
      near.write(Buffer.concat([hello, ...chunks]));
      near.end();
      await channel.settled;
    }),
    { numRuns: 300 },
  );
});
