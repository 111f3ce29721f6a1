/**
 * Machines that fail, each in its own way. Every build asks for a feature that one of them has: it goes there, the machine
 * is found out, and the build is done here in the end. What is wrong is told, and the machine left alone.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MachineView } from '@cooper/contracts';
import t, { type Test } from 'tap';
import { shell } from '../scheduler/running-table.ts';
import { skip } from './far-machine.ts';
import { type Farm, type FarmMachine, startFarm } from './farm.ts';

t.setTimeout(170_000);

const program = fileURLToPath(new URL('bad-remote.ts', import.meta.url));
const bad = (fault: string): FarmMachine => ({
  command: `${process.execPath} --disable-warning=ExperimentalWarning ${program} ${fault} $PWD/store`,
});

const impatient = (fault: string): FarmMachine => ({ ...bad(fault), entry: { jobPatience: 6 } });

const otherKey = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}`;

/** What each does, and what is said of it. */
const cases: Readonly<Record<string, readonly [FarmMachine, RegExp]>> = {
  noise: [{ command: 'echo "Welcome to Debian"; exec $COOPER' }, /it printed `Welcome to Debian' where the greeting/],
  'noise-that-steers': [
    { command: 'printf "\\033]52;c;ZXZpbA==\\007"; exec $COOPER' },
    /it printed `\\x1b\]52;c;ZXZpbA==\\x07' where the greeting/,
  ],
  'errors-that-steer': [{ command: 'printf "\\033[2Jno\\n" >&2; exit 1' }, /^\\x1b\[2Jno$/],
  'noisy-errors': [{ command: 'echo "stty: not a terminal" >&2; exit 1' }, /stty: not a terminal/],
  'no-cooper': [{ command: 'exec cooper-that-is-not-there' }, /not found/],
  'wrong-host-key': [{ entry: { hostKey: otherKey } }, /[Hh]ost key.*: its host key is not the one in the file/],
  'wrong-port': [{ entry: { port: 1 } }, /Connection refused/],
  'injected-option': [{ entry: { user: 'nobody_oProxyCommand' } }, /Permission denied.*: it does not accept the key/],
  'dies-at-once': [bad('dies-at-once'), /ssh ended with exit code|closed/],
  'dies-when-asked': [bad('dies-when-asked'), /ssh ended with exit code|closed/],
  'dies-in-import': [bad('dies-in-import'), /ssh ended with exit code|closed/],
  'dies-in-build': [bad('dies-in-build'), /ssh ended with exit code|closed/],
  'other-store': [bad('other-store'), /its store is `\/other\/store'/],
  'fills-up': [bad('fills-up'), /no space left on device/],
  'sends-nothing': [bad('sends-nothing'), /it says that the build has succeeded, and sent no output/],
  'sends-rubbish': [bad('sends-rubbish'), /what it sent back/],
  'sends-none': [bad('sends-none'), /what it sent back|did not send the output/],
  'sends-too-much': [bad('sends-too-much'), /it sent more than it had announced/],
  'needs-too-much': [bad('needs-too-much'), /its outputs need 1125899906842624 bytes, for which there is no room here/],
  'not-trusted': [{ isTrusted: false }, /what it sent back is refused: unauthorized public key/],
  'not-trusting': [{ isTrusting: false }, /unauthorized public key/],
};

/** What those do that are found out by a clock: they have the machine for themselves. */
const slowCases: typeof cases = {
  silence: [{ command: 'exec sleep 100' }, /it did not greet within 8 s/],
  freezes: [bad('freezes'), /it has said nothing for 8 s/],
  'never-ends': [bad('never-ends'), /it has not ended the build when it had been silent for 1 s/],
  'never-answers': [impatient('never-answers'), /it did not say what it lacks within 6 s/],
  'never-takes': [impatient('never-takes'), /it did not take anything of what it was sent within 6 s/],
  'never-begins': [impatient('never-begins'), /it has not begun the build, nor said why, for 6 s/],
  'never-sends': [impatient('never-sends'), /it has sent nothing more of what it made for 6 s/],
};

async function viewsOf(farm: Farm): Promise<ReadonlyMap<string, MachineView>> {
  const { machines } = await (await farm.table.machines()).call('list', {});
  return new Map(machines.map((view) => [view.name, view]));
}

async function tryAll(t: Test, all: typeof cases, patience: number) {
  const names = Object.keys(all);
  const wanted = Object.entries(all).map(([name, [machine]]) => {
    const entry = { mandatoryFeatures: [name], patience, compression: 'none', ...machine.entry };
    return [name, { ...machine, entry }] as const;
  });
  const farm = await startFarm(t, Object.fromEntries(wanted), { given: { 'max-jobs': '4' } });
  const big = shell('big', 'head -c 300000 /dev/urandom > $out', { preferLocalBuild: '1' });
  const targets = [];
  for (const name of names) {
    const env = {
      requiredSystemFeatures: name,
      ...(['dies-when-asked', 'never-answers'].includes(name) ? { big } : {}),
    };
    targets.push(await farm.add(shell(`with-${name}`, `echo done for ${name} > $out`, env)));
  }
  const limits = { timeout: 100, maxSilentTime: 1, maxLogSize: 0 };
  const result = await farm.build(targets, { keepGoing: true, limits });
  t.same([...new Set(result.statuses)], ['built'], `${result.message}`);
  for (const [index, output] of result.outputs.entries())
    t.equal(readFileSync(output, 'utf8'), `done for ${names[index]}\n`);
  const views = await viewsOf(farm);
  for (const [name, [, reason]] of Object.entries(all)) {
    t.match(views.get(name), { reason, running: 0 }, name);
  }
  const started = result.events.filter((event) => event.event === 'build-started');
  const last = new Map(started.map(({ derivation, agent }) => [derivation, agent]));
  t.same([...new Set(last.values())], ['builder'], 'in the end, all of them here');
  return result;
}

t.test('S83, S84, S86, S87, D10: whatever a machine does, the build is done', { skip }, async (t) => {
  const { log } = await tryAll(t, cases, 60);
  t.match(log, /last words/, 'what a build said before its machine was lost was passed on');
});

t.test('S87: so it is when a machine says nothing, or does nothing', { skip }, async (t) => {
  await tryAll(t, slowCases, 8);
});
