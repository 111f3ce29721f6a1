/** What a builder sees, held against what a builder of the reference saw; S11, S17, S20, S27, S31, S32 as far as they show. */
import { symlinkSync } from 'node:fs';
import type { Job } from '@cooper/contracts';
import t from 'tap';
import { readGoldenJson } from '../../support/golden.ts';
import { isRoot, kinds, ordinary, shell, TestBuilder } from './builder.ts';

interface Seen {
  readonly environment: readonly string[];
  readonly etc: Readonly<Record<'passwd' | 'group' | 'hosts', string>>;
  readonly etcFiles: readonly string[];
  readonly rootEntries: readonly (readonly [mode: string, name: string])[];
  readonly deviceEntries: readonly string[];
  readonly personality: string;
  readonly oomScoreAdj: string;
  readonly umask: string;
  readonly hostName: string;
  readonly domainName: string;
  readonly machine: string;
  readonly uid: number;
  readonly gid: number;
}

const golden = readGoldenJson<Readonly<Record<string, Seen>>>('builder/sandbox.json');
const configuration = (name: string) => golden[name] as Seen;

/** Variables of the daemon that no builder may see. */
const environment = { SECRET: 'daemon', LD_PRELOAD: '', NODE_OPTIONS: '', http_proxy: 'http://daemon.example' };

/** The sections of what the probe wrote. */
function sections(log: Buffer): Readonly<Record<string, string>> {
  const parts = log
    .toString('latin1')
    .split(/^== (.*)\n/m)
    .slice(1);
  return Object.fromEntries(
    parts.flatMap((name, at) => (at % 2 === 0 ? [[name, (parts[at + 1] ?? '').trimEnd()]] : [])),
  );
}

/** The entries of a directory that the probe listed, by what follows mode, owner and group. */
const listed = (text: string | undefined) =>
  (text ?? '').split('\n').map((line) => {
    const [mode = '', uid, gid, ...name] = line.split(' ');
    return { mode: Number.parseInt(mode, 8) & 0o7777, uid: Number(uid), gid: Number(gid), name: name.join(' ') };
  });

const names = (text: string | undefined) =>
  listed(text)
    .map(({ name }) => name)
    .filter((name) => name !== '.')
    .sort();

/** `drwxr-x---` as a number. */
function modeOf(letters: string): number {
  const bits = letters.slice(1).replace(/t$/, 'x');
  const value = [...bits].reduce((sum, letter) => sum * 2 + (letter === '-' ? 0 : 1), 0);
  return letters.endsWith('t') ? value | 0o1000 : value;
}

const variables = (seen: Seen) =>
  seen.environment
    .filter((name) => !/^(NIX_BUILD_TOP|PWD|TEMP|TEMPDIR|TMP|TMPDIR)$/.test(name))
    .map((name) => ({ name: Buffer.from(name), value: Buffer.from(`value of ${name}`) }));

for (const [kind, options] of kinds) {
  t.test(`for ${kind}`, async (t) => {
    const builder = new TestBuilder({ ...options, environment, words: ['--network-helper=none'] });
    t.teardown(() => builder.remove());
    const look = async (seen: Seen, changes: Partial<Job> = {}) => {
      const job = {
        program: 'probe',
        words: [],
        environment: variables(seen),
        derivation: builder.path('probe.drv', '4'),
      };
      const { outcome, log } = await builder.offer(builder.job({ ...job, ...changes }));
      t.equal(outcome.status, 'succeeded');
      return sections(log);
    };

    t.test('a normal build', async (t) => {
      const seen = configuration('chroot-users-normal');
      const found = await look(seen);
      const status = found['proc-status'] ?? '';
      const entries = (found['environ'] ?? '').split('\0').filter((entry) => entry !== '');
      t.same(
        entries.map((entry) => entry.split('=')[0]),
        seen.environment,
        'S27: the environment in its order, and nothing of the daemon',
      );
      t.ok(entries.includes('PWD=/tmp/guix-build-probe.drv-0') && entries.includes('HOME=value of HOME'));
      t.equal(found['cmdline'], 'probe\0');
      t.equal(found['cwd'], '/tmp/guix-build-probe.drv-0');
      t.equal(found['umask'], seen.umask);
      t.equal(found['personality'], seen.personality);
      t.equal(found['oom-score-adj'], seen.oomScoreAdj);
      t.same(
        [found['hostname'], found['domainname'], found['machine']],
        [seen.hostName, seen.domainName, seen.machine],
      );
      t.match(found['proc-limits'], /^Max core file size +0 /m);
      t.match(found['proc-limits'], /^Max open files +1024 /m);
      t.match(found['session'], /^1 0 /, 'it is the first process');
      t.match(status, /^NoNewPrivs:\t1$/m, 'S20');
      t.match(status, /^CapEff:\t0+$/m, 'S20');
      t.same(names(found['ls-etc']), seen.etcFiles);
      t.same(
        names(found['ls-dev']).filter((name) => name !== 'kvm'),
        [...seen.deviceEntries].sort(),
      );
      const fds = listed(found['fds']).map(({ name }) => name);
      t.match(fds[1], /^0 -> \/(dev\/)?null$/, 'S07');
      t.match(fds[2], /^1 -> pipe:/);
      t.equal(fds[3]?.slice(5), fds[2]?.slice(5), 'standard error is the same pipe');
      t.equal(found['ls-sys'], 'absent');
      t.notMatch(found['proc-net-dev'], /^ *(?!lo)\w+:/m);
    });

    t.test('S17, S31: its ids, and the modes of the directories around it', async (t) => {
      const seen = configuration('chroot-users-normal');
      const found = await look(seen);
      const [uid = 0] = (/^Uid:\t(\d+)/m.exec(found['proc-status'] ?? '') ?? []).slice(1).map(Number);
      const root = listed(found['ls-root']);
      const privileged = isRoot && options.as === undefined;
      for (const [letters, name] of seen.rootEntries) {
        if (name === 'gnu') continue; // The store of this test lies elsewhere.
        // Without root's rights these are the build's own: that they are read-only is all that can be done.
        const expected = !privileged && ['.', 'dev'].includes(name) ? 0o555 : modeOf(letters);
        t.equal(root.find((entry) => entry.name === name)?.mode, expected, name);
      }
      t.equal(root[0]?.uid, privileged ? 0 : uid);
      t.not(uid, 0);
      const top = listed(found['ls-tmp']).find(({ name }) => name === 'guix-build-probe.drv-0');
      t.match(top, { uid, mode: 0o700 });
    });

    t.test('/etc agrees with the ids', async (t) => {
      const { log } = await builder.offer(builder.script('id -u; id -g; cat /etc/passwd /etc/group /etc/hosts'));
      const [uid = '', gid = '', ...rest] = String(log).split('\n');
      const { etc, uid: recordedUid, gid: recordedGid } = configuration('chroot-users-normal');
      const expected = (etc.passwd + etc.group + etc.hosts)
        .replaceAll(`x:${recordedUid}:${recordedGid}:`, `x:${uid}:${gid}:`)
        .replaceAll(`!:${recordedGid}:`, `!:${gid}:`);
      t.equal(rest.join('\n'), expected);
    });

    t.test('a build with the network', async (t) => {
      const seen = configuration('chroot-users-fixed-output');
      const found = await look(seen, { network: 'host' });
      const there = names(found['ls-etc']);
      t.ok(
        there.every((name) => seen.etcFiles.includes(name)),
        there.join(' '),
      );
      t.ok(['group', 'hosts', 'passwd'].every((name) => there.includes(name)));
      t.same(
        (found['environ'] ?? '').split('\0').flatMap((entry) => (entry === '' ? [] : [entry.split('=')[0]])),
        seen.environment,
      );
    });

    t.test('a build for the smaller sister', { skip: process.arch === 'x64' ? false : 'not on x86_64' }, async (t) => {
      const seen = configuration('chroot-users-i686');
      const found = await look(seen, { system: 'i686-linux' });
      t.same([found['machine'], found['personality']], [seen.machine, seen.personality]);
    });

    t.test('S11, S17: what is around the build cannot be changed', async (t) => {
      const script = `
        chmod 777 .. 2>&1 || echo no
        touch /etc/x 2>&1 || echo no; touch /x 2>&1 || echo no
        touch ${builder.path('tools')}/x 2>&1 || echo no`;
      const { log } = await builder.offer(builder.script(script));
      const refusals = /Operation not permitted|Permission denied|Read-only file system/g;
      const count = [...String(log).matchAll(refusals)].length;
      t.ok(count >= (options.as === undefined && isRoot ? 4 : 2), String(log));
    });

    t.test('an input that is a link is one, wherever it leads', async (t) => {
      const link = builder.path('link', '8');
      symlinkSync('/etc/hostname', link);
      const inputs = [link, builder.path('tools')];
      const { log } = await builder.offer(builder.script(`readlink ${link}; cat ${link} 2>&1 || true`, { inputs }));
      t.match(String(log), /^\/etc\/hostname\ncat: .*No such file or directory\n$/);
    });
  });
}

t.test('S32: no build goes without the sandbox that it was to have', async (t) => {
  // A user namespace in which no other may be made: a hardened machine, as an ordinary user finds it.
  const asOrdinary = ['unshare', '-U', `--map-user=${ordinary.uid}`, `--map-group=${ordinary.gid}`, '--keep-caps'];
  const forbid = shell('echo 0 > /proc/sys/user/max_user_namespaces');
  const builder = new TestBuilder({
    within: [...asOrdinary, ...forbid, 'setpriv', '--ambient-caps=-all', '--inh-caps=-all'],
  });
  t.teardown(() => builder.remove());
  await t.rejects(builder.offer(builder.job()), {
    code: 'no-sandbox',
    message: /create-process.*allow user namespaces/,
  });
  t.same(builder.leftovers(), []);
  const free = await builder.offer(builder.script('exit 7', { sandbox: false }));
  t.match(free.outcome, { status: 'failed', exitCode: 7 }, 'asked for without one, it is done');
});
