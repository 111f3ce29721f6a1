import { readSettings } from '@cooper/config';
import t from 'tap';
import { requestOptions, tableValues } from './request-options.ts';

const wish = (given: Record<string, unknown>, rest: Partial<Parameters<typeof requestOptions>[0]> = {}) =>
  requestOptions({
    settings: readSettings({ given, environment: {}, uid: 0 }),
    ...{ given, flags: {}, sandboxPaths: [], user: { uid: 1, gid: 2 } },
    ...rest,
  });
const client = { name: 'cooper build', uid: 1, gid: 2 };

t.test('what nobody asks for is left to the scheduler', async (t) => {
  t.same(wish({}), { keepGoing: false, keepFailed: false, client });
  t.same(wish({}, { user: undefined }).client, { name: 'cooper build' });
});

t.test('what was asked for goes with the request', async (t) => {
  t.equal(wish({ cores: '3' }).cores, 3);
  t.same(wish({ timeout: '5' }).limits, { timeout: 5, maxSilentTime: 3600, maxLogSize: 0 });
  t.equal(wish({ 'disable-chroot': true }).sandbox, false);
  t.match(wish({}, { flags: { keepGoing: true, keepFailed: true } }), { keepGoing: true, keepFailed: true });
});

t.test('paths of the host, from the recipe and the command line', async (t) => {
  const options = wish({ 'sandbox-path': ['/bin', '/etc/x=/y=z'] }, { sandboxPaths: ['/usr', '/bin'] });
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  t.same(
    options.sandboxPaths?.map(({ target, source }) => [text(target), text(source)]),
    [
      ['/usr', '/usr'],
      ['/bin', '/bin'],
      ['/etc/x', '/y=z'],
    ],
  );
});

t.test('processes that others may use are not started with what is one request of its own', async (t) => {
  const given = { 'max-jobs': '4', timeout: '5', 'disable-chroot': true, 'sandbox-path': ['/x'], 'state-dir': '/s' };
  t.same(tableValues(given), { 'max-jobs': '4', 'state-dir': '/s' });
});
