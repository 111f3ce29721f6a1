/** S01, S02, S23, S24: builds that may fetch, with a network of their own that slirp4netns attaches to the outside. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import t, { type Test } from 'tap';
import { kinds, TestBuilder } from './builder.ts';

/** An address of this machine that is not on the loopback device. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((found) => found !== undefined && !found.internal && found.family === 'IPv4')?.address;

function reasonToSkip(): string | false {
  if (spawnSync('slirp4netns', ['--version']).status !== 0) return 'SKIPPED: needs slirp4netns';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return 'SKIPPED: needs /dev/net/tun';
  }
  return address === undefined && 'SKIPPED: needs an address that is not on the loopback device';
}

const skip = reasonToSkip();

/** Most systems let everybody make such devices, in network namespaces of their own. */
const onlyForRoot = !skip && (statSync('/dev/net/tun').mode & 0o006) !== 0o006 && 'SKIPPED: /dev/net/tun is for root';

/** Says `hello` to whoever connects, and gives its port. */
async function serve(t: Test, host: string): Promise<number> {
  const server = createServer((socket) => socket.end('hello\n'));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.teardown(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** Processes of the helper below `pid`. */
function helpersOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isHelper(name, pid))
    .map(Number);
}

function isHelper(name: string, parent: number): boolean {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state !== 'Z' && Number(ppid) === parent && stat.includes('(slirp4netns)');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

const bash = (text: string) => ['/bin/bash', '-c', text].map((word) => Buffer.from(word));

for (const [kind, options] of kinds) {
  t.test(`for ${kind}`, { skip: skip || (options.as !== undefined && onlyForRoot) }, async (t) => {
    const builder = new TestBuilder(options);
    t.teardown(() => builder.remove());
    const run = (text: string, network: 'private' | 'host' = 'host') => {
      const [program, ...args] = bash(text);
      return builder.offer({ ...builder.script('', { network }), builder: program as Buffer, args });
    };

    t.test('S23: the outside is there, the loopback device of the machine is not', async (t) => {
      const outside = await serve(t, `${address}`);
      const inside = await serve(t, '127.0.0.1');
      const { outcome, log } = await run(`
        cat < /dev/tcp/${address}/${outside}
        (cat < /dev/tcp/127.0.0.1/${inside}) 2>/dev/null || echo no loopback
        (cat < /dev/tcp/10.0.2.2/${inside}) 2>/dev/null || echo no gateway
        cat /etc/resolv.conf
        sed -n 's/^ *\\([a-z0-9]*\\):.*/\\1/p' /proc/net/dev | sort | tr '\\n' ' '`);
      t.match(outcome, { status: 'succeeded' }, `${log}`);
      t.equal(`${log}`, 'hello\nno loopback\nno gateway\nnameserver 10.0.2.3\nlo tap0 ');
    });

    t.test('S01, S02: no socket of others is in it', async (t) => {
      const { log } = await run('wc -l < /proc/net/unix');
      t.equal(`${log}`.trim(), '1');
    });

    t.test('S24: the helper has no rights, and ends with the build', async (t) => {
      let status = '';
      const job = builder.script('echo on; sleep 1', { network: 'host' });
      await builder.offer(job, {
        onItem: ({ event }) => {
          const [helper] = helpersOf(builder.processId);
          if (event === 'log' && helper !== undefined) status = readFileSync(`/proc/${helper}/status`, 'utf8');
        },
      });
      t.match(status, /^NoNewPrivs:\t1$/m);
      t.match(status, /^Seccomp:\t2$/m);
      // To bind low ports is all that is left of root's rights.
      t.match(status, /^CapEff:\t0000000000000[04]00$/m);
      t.same(helpersOf(builder.processId), []);
    });

    t.test('builds that may not fetch have no helper', async (t) => {
      const { log } = await run(`sed -n 's/^ *\\([a-z0-9]*\\):.*/\\1/p' /proc/net/dev`, 'private');
      t.equal(`${log}`, 'lo\n');
    });
  });
}

t.test('where it fails, the build is not done', { skip }, async (t) => {
  const directory = t.testdir({ slirp4netns: '#!/bin/sh\necho broken >&2\nexit 1\n' });
  spawnSync('chmod', ['755', `${directory}/slirp4netns`]);
  const builder = new TestBuilder({ environment: { PATH: `${directory}:${process.env['PATH']}` } });
  t.teardown(() => builder.remove());
  await t.rejects(builder.offer(builder.job({ network: 'host' })), {
    code: 'network-helper-failed',
    message: /: broken$/,
  });
  t.same(builder.leftovers(), []);
});
