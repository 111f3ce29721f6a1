import { isFault } from '@cooper/fault';
import t from 'tap';
import { parseMachines } from './index.ts';

const facts = { file: '/etc/guix/machines.json', system: 'x86_64-linux' };
const hostKey = `ssh-ed25519 ${'A'.repeat(68)}`;
const nixKey = Buffer.from(`${hostKey}\n`).toString('base64');

function refusal(contents: string): string {
  try {
    parseMachines(contents, facts);
  } catch (error) {
    if (isFault(error, 'invalid-machines')) return error.message;
    throw error;
  }
  return 'accepted';
}

const refusalOf = (entry: object) => refusal(JSON.stringify({ machines: [{ host: 'far', hostKey, ...entry }] }));

t.test('what the file does not say has a default', async (t) => {
  const { machines, local } = parseMachines(JSON.stringify({ machines: [{ host: 'far', hostKey }] }), facts);
  t.equal(local, null);
  t.match(machines, [
    { name: 'far', host: 'far', user: 'cooper', port: 22, key: null, systems: ['x86_64-linux'], jobs: 1, speed: 1 },
  ]);
});

t.test('what is wrong is named with its place', async (t) => {
  t.match(refusal('{ "machines": [ }'), /^\/etc\/guix\/machines\.json: .*JSON/);
  t.match(refusal('{ "machines": [{ "host": "far" }] }'), /machines\[0\]\.hostKey: expected a value, got nothing/);
  t.match(refusalOf({ speed: 'fast' }), /machines\[0\]\.speed: expected a number, got "fast"/);
  t.match(refusalOf({ speed: -1 }), /machines\[0\]\.speed: expected 0\.001 to 1000/);
  t.match(refusalOf({ Jobs: 4 }), /there is no setting `machines\[0\]\.Jobs'/);
  t.match(refusalOf({ hostKey: 'none' }), /machines\[0\]\.hostKey: expected a public host key/);
  t.match(
    refusal(
      JSON.stringify({
        machines: [
          { host: 'a', hostKey },
          { host: 'a', hostKey },
        ],
      }),
    ),
    /two machines/,
  );
});

t.test('S86: no host, user or key is an option of ssh, or words for a shell', async (t) => {
  const hosts = [
    '-oProxyCommand=touch /tmp/x',
    '-v',
    '',
    'a b',
    'a;b',
    'a\nb',
    '$(x)',
    'a-',
    `${'x'.repeat(254)}`,
    '%h',
  ];
  for (const host of hosts) t.match(refusalOf({ host }), /machines\[0\]\.host: expected/, host);
  for (const user of ['-l', 'a b', 'root;x', '']) t.match(refusalOf({ user }), /machines\[0\]\.user: expected/, user);
  for (const key of ['-i', 'relative', '/a\nb']) t.match(refusalOf({ key }), /machines\[0\]\.key: expected/, key);
  for (const hostKey of [`${'ssh-ed25519'} AAAA\nevil`, '@cert-authority * x']) {
    t.match(refusalOf({ hostKey }), /machines\[0\]\.hostKey: expected/);
  }
  for (const host of ['far', 'far.example.org', '10.0.0.1', 'fe80::1', '::1', 'a_b-c'])
    t.equal(refusalOf({ host }), 'accepted');
});

t.test("the lines of Nix's machines file", async (t) => {
  const text = `# a comment
ssh://builder@far.example.org:2222 x86_64-linux,i686-linux /root/key 4 1.5 kvm,big-parallel benchmark ${nixKey}
near - - - - - - ${nixKey} ; root@[fe80::1] - - 2 - - - ${nixKey}
`;
  t.match(parseMachines(text, facts).machines, [
    {
      host: 'far.example.org',
      user: 'builder',
      port: 2222,
      key: '/root/key',
      systems: ['x86_64-linux', 'i686-linux'],
      jobs: 4,
      speed: 1.5,
      features: ['kvm', 'big-parallel'],
      mandatoryFeatures: ['benchmark'],
      hostKey,
    },
    { host: 'near', jobs: 1, features: [] },
    { host: 'fe80::1', user: 'root', jobs: 2 },
  ]);
  t.match(refusal('far x86_64-linux'), /machines\.json: line 1, field 8: the host key is missing/);
  t.match(refusal(`\nfar - - many - - - ${nixKey}`), /line 2, jobs: expected a number, not `many'/);
  t.match(refusal(`ssh://-oProxyCommand=x - - - - - - ${nixKey}`), /line 1: machines\[0\]\.host: expected/);
  t.match(refusal('@/etc/more'), /line 1: files that are named in a file are not read/);
});
