import { makeSessionOptions, type SessionOptions } from '@cooper/worker-protocol';
import t from 'tap';
import {
  changedSettings,
  type DaemonDefaults,
  initialSettings,
  isMultiplexed,
  printsExtendedTrace,
  requestOptions,
  substituteUrls,
} from './session-settings.ts';

const defaults: DaemonDefaults = {
  substitutes: true,
  substituteUrls: ['https://daemon'],
  offload: true,
  rounds: 1,
  limits: { timeout: 100, maxSilentTime: 10, maxLogSize: 0 },
};
const root = { trusted: true, remote: false };
const stranger = { trusted: false, remote: false };

/** Clients of today send these by name. */
const newClient = { maxJobs: undefined, maxSilentTime: undefined, buildCores: undefined };

function set(
  wishes: Partial<SessionOptions>,
  named: Readonly<Record<string, string>> = {},
  sender = root,
  before = initialSettings(defaults),
) {
  return changedSettings(before, makeSessionOptions({ ...newClient, ...wishes }, named), sender);
}

const asked = (settings: ReturnType<typeof set>) => requestOptions(settings, defaults, { name: 'somebody' });

t.test('without options, the daemon’s count', async (t) => {
  t.match(asked(initialSettings(defaults)), { keepGoing: false, rounds: 1, limits: defaults.limits, offload: true });
  t.strictSame(substituteUrls(initialSettings(defaults), defaults), ['https://daemon']);
});

t.test('numbers by name count for everyone', async (t) => {
  const named = { 'build-timeout': '7', 'build-max-jobs': '3', 'build-cores': '2', 'build-repeat': '1' };
  t.match(asked(set({}, named, stranger)), {
    limits: { timeout: 7, maxSilentTime: 10 },
    maxJobs: 3,
    cores: 2,
    rounds: 2,
  });
  t.throws(() => asked(set({}, { 'build-cores': 'many' })), {
    code: 'invalid-setting',
    message: "configuration setting `build-cores' should have an integer value",
  });
});

t.test('numbers of old clients', async (t) => {
  const wishes = { maxJobs: 4, maxSilentTime: 5, buildCores: 6 };
  t.match(asked(set(wishes)), { maxJobs: 4, cores: 6, limits: { maxSilentTime: 5 } });
});

t.test('caches of a client come before the daemon’s, trusted or not', async (t) => {
  for (const sender of [root, stranger]) {
    const settings = set({}, { 'substitute-urls': 'http://a  http://b' }, sender);
    t.strictSame(substituteUrls(settings, defaults), ['http://a', 'http://b']);
    t.match(asked(settings), { substituteUrls: ['http://a', 'http://b'] });
  }
  t.strictSame([...set({}, { locale: 'C' }, stranger).named], [['untrusted-locale', 'C']]);
});

t.test('substitutes that were turned off stay so', async (t) => {
  const off = set({ useSubstitutes: 0 });
  t.strictSame(substituteUrls(off, defaults), []);
  t.equal(set({ useSubstitutes: 1 }, {}, root, off).substitutes, false);
  const never = initialSettings({ ...defaults, substitutes: false });
  t.equal(set({ useSubstitutes: 1 }, {}, root, never).substitutes, false);
});

t.test('nobody far away has directories kept', async (t) => {
  t.equal(set({ keepFailed: 1 }).keepFailed, true);
  t.equal(set({ keepFailed: 1 }, {}, { trusted: false, remote: true }).keepFailed, false);
});

t.test('how things are told', async (t) => {
  const told = set({}, { 'multiplexed-build-output': 'true', 'print-extended-build-trace': '1' }, stranger);
  t.ok(isMultiplexed(told));
  t.ok(printsExtendedTrace(told));
  t.notOk(isMultiplexed(set({}, { 'multiplexed-build-output': '1' })), 'the reference knows only `true’');
});
