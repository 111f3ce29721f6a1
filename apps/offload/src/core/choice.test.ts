import { parseMachines } from '@cooper/machines';
import t from 'tap';
import { type Candidate, choose, type Load, type Local } from './choice.ts';
import { afterFailure, goodHealth, restOf } from './health.ts';

const hostKey = `ssh-ed25519 ${'A'.repeat(68)}`;
const idle: Load = { processors: 4, load: 0, pressure: { cpu: 0, memory: 0 }, free: 2 ** 40 };
const now = 1_000_000;
const wish = { system: 'x86_64-linux', features: [] as string[] };

function candidate(host: string, entry: object = {}, known: Partial<Candidate> = {}): Candidate {
  const text = JSON.stringify({ machines: [{ host, hostKey, ...entry }] });
  const [machine] = parseMachines(text, { file: 'machines', system: 'x86_64-linux' }).machines;
  const missing = { paths: 0, bytes: 0 };
  const defaults = { running: 0, load: idle, health: goodHealth, missing, bandwidth: null };
  return { machine: machine as Candidate['machine'], ...defaults, ...known };
}

interface Case {
  readonly local?: Local;
  readonly canBeLocal?: boolean;
  readonly system?: string;
  readonly features?: readonly string[];
}

function chosen(candidates: readonly Candidate[], { local, canBeLocal, ...wanted }: Case = {}) {
  const here = { local: local ?? null, canBeLocal: canBeLocal ?? local !== undefined };
  const choice = choose({ ...wish, ...wanted }, { candidates, ...here, now });
  return choice.choose === 'machine' ? choice.machine.name : choice.choose;
}

t.test('only machines that can do a job get it', async (t) => {
  const plain = candidate('plain');
  const virtual = candidate('virtual', { features: ['kvm'], mandatoryFeatures: ['big'], jobs: 4 });
  const arm = candidate('arm', { systems: ['aarch64-linux'] });
  const all = [plain, virtual, arm];
  t.equal(chosen(all), 'plain');
  t.equal(chosen(all, { features: ['kvm', 'big'] }), 'virtual');
  t.equal(chosen(all, { features: ['kvm'] }), 'none', 'the mandatory feature is missing');
  t.equal(chosen(all, { system: 'aarch64-linux' }), 'arm');
  t.equal(chosen([candidate('off', { jobs: 0 })]), 'none');
  const none = choose({ ...wish, features: ['gpu'] }, { candidates: all, local: null, canBeLocal: false, now });
  t.match(none.why, /`plain' lacks the feature `gpu'; .*`arm' does not build for x86_64-linux/);
  t.match(choose(wish, { candidates: [], local: null, canBeLocal: false, now }), {
    choose: 'none',
    why: 'there are no other machines',
  });
});

t.test('the fastest, the least busy, the one that has the inputs', async (t) => {
  const slow = candidate('slow');
  t.equal(chosen([slow, candidate('fast', { speed: 2 })]), 'fast');
  t.equal(chosen([slow, candidate('busy', {}, { load: { ...idle, load: 2 } })]), 'slow');
  t.equal(chosen([slow, candidate('pressed', {}, { load: { ...idle, pressure: { cpu: 0.9, memory: 0 } } })]), 'slow');
  const far = { missing: { paths: 40, bytes: 4e9 } };
  t.equal(chosen([slow, candidate('fast', { speed: 2 }, far)]), 'slow', 'what is to be sent takes longer');
  t.equal(
    chosen([slow, candidate('near', { speed: 2 }, { ...far, bandwidth: 1e9 })]),
    'near',
    'over a fast link it does not',
  );
  t.equal(chosen([candidate('b'), candidate('a')]), 'a', 'equal ones by name');
});

t.test('D09: a machine that is full, overloaded, short of memory or of disk gets nothing', async (t) => {
  const cases: readonly (readonly [Candidate, RegExp])[] = [
    [candidate('m', { jobs: 2 }, { running: 2 }), /`m' 2 of 2 slots are taken/],
    [candidate('m', {}, { load: { ...idle, load: 3.6 } }), /overloaded \(0\.90 for each processor\)/],
    [candidate('m', {}, { load: { ...idle, pressure: { cpu: 0, memory: 0.6 } } }), /short of memory \(60 %/],
    [candidate('m', {}, { load: { ...idle, free: 10 * 2 ** 20 } }), /only 10\.0 MiB free on its disk/],
  ];
  for (const [full, why] of cases) {
    t.match(choose(wish, { candidates: [full], local: null, canBeLocal: false, now }), { choose: 'later', why });
    t.equal(chosen([full, candidate('other')]), 'other');
  }
});

t.test('D10: one that fails rests, longer each time, and others are chosen meanwhile', async (t) => {
  const once = afterFailure(goodHealth, now, 'no route to host');
  const often = Array.from({ length: 20 }).reduce<typeof once>((health) => afterFailure(health, now, 'x'), once);
  t.equal(restOf(once, now), 5000);
  t.equal(restOf(once, now + 5000), 0);
  t.equal(restOf(often, now), 600_000);
  t.equal(
    restOf({ ...often, restsUntil: now * 1e6 }, now),
    600_000,
    'a clock that was wrong keeps nobody away for ever',
  );
  const resting = candidate('gone', { speed: 9 }, { health: once });
  t.equal(chosen([resting, candidate('there')]), 'there');
  t.match(choose(wish, { candidates: [resting], local: null, canBeLocal: false, now }), {
    choose: 'later',
    why: "`gone' rests for 5 s (no route to host)",
    retryAfter: 5000,
  });
  t.equal(chosen([resting], { canBeLocal: true }), 'local', 'what can be done here goes on');
  const full = candidate('full', {}, { running: 1 });
  t.equal(chosen([resting, full], { canBeLocal: true }), 'later', 'others are only busy');
});

t.test('D09: the local machine is one of them', async (t) => {
  const local: Local = { speed: 1, overloadThreshold: 0.8, load: idle, recent: 0 };
  t.equal(chosen([candidate('slow', { speed: 0.5 })], { local }), 'local');
  t.equal(chosen([candidate('fast', { speed: 2 })], { local }), 'fast');
  t.equal(chosen([candidate('same')], { local: { ...local, recent: 2 } }), 'same', 'what was left to it lately counts');
  t.equal(chosen([candidate('full', { speed: 9 }, { running: 1 })], { local }), 'local');
  const busy = { ...local, load: { ...idle, load: 4 } };
  t.equal(chosen([candidate('full', {}, { running: 1 })], { local: busy }), 'later');
  t.equal(
    chosen([candidate('arm', { systems: ['aarch64-linux'] })], { local }),
    'none',
    'the next agent is asked anyway',
  );
});

t.test('every choice says why', async (t) => {
  const candidates = [
    candidate('a', { jobs: 4, speed: 2 }, { running: 1, missing: { paths: 3, bytes: 2 ** 20 } }),
    candidate('b', {}, { running: 1 }),
  ];
  t.equal(
    choose(wish, { candidates, local: null, canBeLocal: false, now }).why,
    "`a': 1 of 4 slots are taken, load 0.00 on 4 processors, speed 2, 3 inputs to send (1.0 MiB); `b' 1 of 1 slots are taken",
  );
});
