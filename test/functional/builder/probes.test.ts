/** What a builder can do, held against what a builder of the reference could, in a sandbox and without one. */
import { chmodSync, chownSync } from 'node:fs';
import type { Job } from '@cooper/contracts';
import t from 'tap';
import { readGoldenJson } from '../../support/golden.ts';
import { isRoot, kinds, TestBuilder } from './builder.ts';

interface Recorded {
  readonly probes: Readonly<Record<string, string>>;
  readonly umask: string;
  readonly workingDirectory: string;
  readonly personality: string;
  readonly oomScoreAdj: string;
  readonly environment: readonly string[];
}

const golden = readGoldenJson<Readonly<Record<string, Recorded>>>('builder/probes.json');
const recorded = (name: string) => golden[name] as Recorded;

/** The commands of the recorded probes, for the shell of this machine. */
const attempts = (store: string): Readonly<Record<string, string>> => ({
  'write /': 'echo x > /probe && rm /probe',
  'write /gnu/store': `echo x > ${store}/probe && rm ${store}/probe`,
  'write /etc/hosts': 'true >> /etc/hosts',
  'write /dev/probe': 'echo x > /dev/probe',
  'write /dev/shm': 'echo x > /dev/shm/probe-$$ && rm /dev/shm/probe-$$',
  'write /tmp': 'echo x > /tmp/probe-$$ && rm /tmp/probe-$$',
  'write input': `true >> ${store}/${'0'.repeat(32)}-tools/act`,
  'mount tmpfs': 'mkdir -p m && mount -t tmpfs none m',
  'hostname change': 'hostname changed',
  'read /proc/1/environ': 'head -c 20 /proc/1/environ > /dev/null',
  mknod: 'mknod n c 1 3',
  'chown root': 'true > s && chown 0:0 s',
  'sysctl write': 'v=$(cat /proc/sys/kernel/randomize_va_space); echo $v > /proc/sys/kernel/randomize_va_space',
});

function script(store: string): string {
  const tried = Object.entries(attempts(store)).map(
    ([name, command]) => `if (${command}) >/dev/null 2>&1; then echo '${name}: ok'; else echo '${name}: refused'; fi`,
  );
  return `
    echo "umask: $(umask)"; echo "workingDirectory: $(readlink /proc/$$/cwd)"
    echo "personality: $(cat /proc/$$/personality)"; echo "oomScoreAdj: $(cat /proc/$$/oom_score_adj)"
    echo "environment: $(tr '\\0' '\\n' < /proc/$$/environ | sed -n 's/=.*//p' | tr '\\n' ' ')"
    echo "tmp is sticky: $(ls -ld /tmp | cut -c1-10)"
    cd "$TMPDIR"; true > f; chmod 4755 f; echo "chmod setuid: $(ls -l f | cut -c1-10)"
    ${tried.join('\n')}`;
}

/** The lines `name: result` of a log. */
function found(log: Buffer): Readonly<Record<string, string>> {
  const lines = `${log}`.split('\n').filter((line) => line.includes(': '));
  return Object.fromEntries(lines.map((line) => [line.replace(/: .*/, ''), line.replace(/^.*?: /, '').trim()]));
}

/** What is meant to differ: set-id bits are left away. */
const meant = { 'chmod setuid': '-rwxr-xr-x' };

function jobFor(builder: TestBuilder, { environment }: Recorded, changes: Partial<Job>): Job {
  const variables = environment.map((name) => ({
    name: Buffer.from(name),
    value: Buffer.from(name === 'PATH' ? '/bin:/usr/bin:/sbin:/usr/sbin' : 'x'),
  }));
  const derivation = builder.path('probe.drv', '4');
  return { ...builder.script(script(builder.store)), derivation, environment: variables, ...job(), ...changes };
}

const job = () => ({ directoryVariables: ['NIX_BUILD_TOP', 'TMPDIR', 'TEMPDIR', 'TMP', 'TEMP', 'PWD'] });

for (const [kind, options] of kinds) {
  for (const [name, network] of [
    ['chroot-users-normal', 'private'],
    ['chroot-users-fixed-output', 'host'],
  ] as const) {
    t.test(`for ${kind}, as in ${name}`, async (t) => {
      const builder = new TestBuilder({ ...options, words: ['--network-helper=none'] });
      t.teardown(() => builder.remove());
      const expected = recorded(name);
      const { outcome, log } = await builder.offer(jobFor(builder, expected, { network }));
      t.equal(outcome.status, 'succeeded', `${log}`);
      const { umask, workingDirectory, personality, oomScoreAdj } = expected;
      t.match(found(log), { umask, workingDirectory, personality, oomScoreAdj, ...expected.probes, ...meant });
      t.same(found(log)['environment']?.split(' '), expected.environment);
    });
  }
}

const skip = isRoot ? false : 'needs root: only root builds as other users';

t.test('without a sandbox, as in nochroot-users-normal', { skip }, async (t) => {
  const builder = new TestBuilder();
  t.teardown(() => builder.remove());
  chownSync(builder.store, 0, 20_000);
  chmodSync(builder.store, 0o1775);
  const expected = recorded('nochroot-users-normal');
  const { outcome, log } = await builder.offer(jobFor(builder, expected, { sandbox: false, sandboxPaths: [] }));
  t.equal(outcome.status, 'succeeded', `${log}`);
  const { umask, personality, oomScoreAdj } = expected;
  t.match(found(log), { umask, personality, oomScoreAdj, ...expected.probes, ...meant });
  t.equal(found(log)['workingDirectory'], `${builder.temporary}/guix-build-probe.drv-0`);
  t.same(found(log)['environment']?.split(' '), expected.environment);
});
