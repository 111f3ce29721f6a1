/** Servers that do not keep to the protocol, against our client. */
import { contract, integer, method, record, streamingMethod } from '@cooper/contracts';
import t from 'tap';
import { connect, memoryPair } from './index.ts';
import { frame, messages } from './raw-messages.ts';

const sample = contract({
  name: 'sample',
  version: 1,
  about: 'For tests.',
  methods: {
    double: method({ about: 'Double.', params: record({ n: integer() }), result: record({ n: integer() }) }),
    flood: streamingMethod({
      about: 'Stream for ever.',
      params: record({}),
      item: record({ n: integer() }),
      result: record({}),
    }),
  },
});

/** A server made by hand: answers initialize, then does what the test says. */
async function startClient(answer = [1, 1, null, { contract: 'sample', version: 1, features: [], server: 'fake' }]) {
  const [near, far] = memoryPair();
  far.write(frame(answer));
  far.resume();
  return { far, client: await connect(sample, near, { client: 'test' }) };
}

t.test('a server of another contract is refused by the client, too', async (t) => {
  const other = { contract: 'sample', version: 7, features: [], server: 'fake' };
  await t.rejects(startClient([1, 1, null, other] as never), {
    code: 'contract-mismatch',
    message: /the peer serves sample 7/,
  });
  await t.rejects(startClient([1, 1, null, null] as never), { code: 'invalid-response' });
});

t.test('items beyond the credit end the channel', async (t) => {
  const { far, client } = await startClient();
  const call = client.call('flood', {}, { onItem: () => new Promise<void>(() => {}) });
  for (let n = 0; n < 65; n++) far.write(frame([2, '$/item', { id: 2, item: { n } }]));
  await t.rejects(call, { code: 'malformed-message', message: /more items than it had credit for/ });
  t.match(await client.closed, { code: 'malformed-message' });
});

t.test('items that are not of the contract fail the call, and tell the server to stop', async (t) => {
  const { far, client } = await startClient();
  const said = messages(far);
  const call = client.call('flood', {});
  far.write(frame([2, '$/item', { id: 2, item: { n: 'one' } }]));
  await t.rejects(call, { code: 'invalid-response', message: /flood item\.n/ });
  t.match(await said.next(), [0, 2, 'flood']);
  t.strictSame(await said.next(), [2, '$/cancel', { id: 2 }]);
});

t.test('answers that nobody waits for are ignored, requests are not', async (t) => {
  const { far, client } = await startClient();
  far.write(frame([1, 99, null, {}]));
  far.write(frame([2, '$/item', { id: 99, item: {} }]));
  const call = client.call('double', { n: 1 });
  far.write(frame([1, 2, null, { n: 2 }]));
  t.strictSame(await call, { n: 2 });
  far.write(frame([0, 1, 'double', {}]));
  t.match(await client.closed, { code: 'malformed-message', message: /a server may not send a request/ });
});

t.test('an error without a code ends the channel', async (t) => {
  const { far, client } = await startClient();
  const call = client.call('double', { n: 1 });
  far.write(frame([1, 2, { message: 'x' }, null]));
  await t.rejects(call, { code: 'malformed-message' });
});
