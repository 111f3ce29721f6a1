import t from 'tap';
import { daemonSettings } from './daemon-options.ts';

const nothing = { substitutes: true, offload: true, buildHook: true };

t.test('without options, clients come to the socket in the state directory', async (t) => {
  t.strictSame(daemonSettings(nothing, '/var/guix'), { 'client-socket': ['/var/guix/daemon-socket/socket'] });
});

t.test('names that Cooper has other names for', async (t) => {
  const options = {
    listen: ['/run/x', 'localhost'],
    chrootDirectory: ['/a=/b'],
    disableLogCompression: true,
    disableStoreOptimization: true,
    sandboxPath: ['/c'],
  };
  t.strictSame(daemonSettings({ ...nothing, ...options, buildHook: false, substitutes: false }, '/var/guix'), {
    'client-socket': ['/run/x', 'localhost'],
    'sandbox-path': ['/c', '/a=/b'],
    'log-compression': 'none',
    'disable-deduplication': true,
    'no-substitutes': true,
    'no-offload': true,
  });
});

t.test('an option whose value is left out means yes', async (t) => {
  const given = daemonSettings({ ...nothing, gcKeepOutputs: true, gcKeepDerivations: 'no' }, '/var/guix');
  t.match(given, { 'gc-keep-outputs': 'yes', 'gc-keep-derivations': 'no' });
});
