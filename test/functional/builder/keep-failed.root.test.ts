/** S09, S10, S11, S16: directories of failed builds that are kept for the client, and what builds put there to trick us. */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import t from 'tap';
import { isRoot, TestBuilder } from './builder.ts';

const skip = isRoot ? false : 'needs root: only root gives files away';
const client = { uid: 30_000, gid: 30_001 };

/** Everything below a directory: path, owner and mode. */
function inventory(directory: string): Readonly<Record<string, readonly [uid: number, gid: number, mode: number]>> {
  const entries = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    entries.map((name) => {
      const { uid, gid, mode } = lstatSync(`${directory}/${name}`);
      return [name, [uid, gid, mode & 0o7777]];
    }),
  );
}

const keptPath = (outcome: object) =>
  Buffer.from((outcome as { keptDirectory?: Uint8Array }).keptDirectory ?? []).toString();

t.test('with a sandbox', { skip }, async (t) => {
  const builder = new TestBuilder();
  t.teardown(() => builder.remove());

  t.test("the tree is the client's, where the trace says; nothing of it can act for others", async (t) => {
    const canary = `${builder.base}/canary`;
    writeFileSync(canary, 'canary', { mode: 0o600 });
    const before = statSync(canary);
    const script = `
      mkdir deep; echo a > deep/file; chmod 000 deep
      ln -s ${canary} link; ln -s /nowhere dangling
      mkfifo fifo
      cp /bin/sh sh; chmod 6755 sh 2>/dev/null || chmod 755 sh
      mkdir sticky; chmod 1777 sticky
      chmod 777 .
      exit 1`;
    const { outcome } = await builder.offer(builder.script(script, { keepFailed: true, client }));
    const kept = `${builder.temporary}/guix-build-trial.drv-0`;
    t.equal(keptPath(outcome), kept);
    const { uid, gid, mode } = statSync(kept);
    t.same([uid, gid, mode & 0o7777], [client.uid, client.gid, 0o755]);
    const found = inventory(kept);
    t.same(Object.keys(found).sort(), ['dangling', 'deep', 'deep/file', 'fifo', 'link', 'sh', 'sticky']);
    for (const [name, [uid, gid, mode]] of Object.entries(found)) {
      t.same([uid, gid], [client.uid, client.gid], name);
      t.equal(mode & 0o7000, 0, name);
    }
    t.same(statSync(canary), before);
    t.same(readdirSync(builder.temporary), ['guix-build-trial.drv-0'], 'nothing but that');
  });

  t.test('S09: at any depth', async (t) => {
    const script = 'for i in $(seq 600); do mkdir d && cd d || exit 2; done; echo a > a; chmod 0 .; exit 1';
    const derivation = builder.path('deep.drv', '8');
    const job = builder.script(`cd "$TMPDIR"; ${script}`, {
      derivation,
      keepFailed: true,
      client,
      directoryVariables: ['TMPDIR'],
    });
    const { outcome } = await builder.offer(job);
    t.match(outcome, { status: 'failed', exitCode: 1 });
    const deepest = `${keptPath(outcome)}/${'d/'.repeat(600)}`;
    t.same([statSync(deepest).uid, statSync(`${deepest}a`).uid], [client.uid, client.uid]);
    spawnSync('rm', ['-rf', keptPath(outcome)]);
  });

  t.test('another one with the same name lies beside it', async (t) => {
    const { outcome } = await builder.offer(builder.script('exit 1', { keepFailed: true, client }));
    t.equal(keptPath(outcome), `${builder.temporary}/guix-build-trial.drv-1`);
  });

  t.test("for root, and for nobody in particular, it stays closed and the build user's", async (t) => {
    for (const who of [{ client: { uid: 0, gid: 0 } }, {}]) {
      const { outcome } = await builder.offer(builder.script('echo a > a; exit 1', { keepFailed: true, ...who }));
      const kept = keptPath(outcome);
      const { uid, mode } = statSync(kept);
      t.same([uid, mode & 0o7777], [0, 0o700]);
      t.ok(statSync(`${kept}/top/a`).uid >= 0x74000000);
    }
  });

  t.test("a group of root's is not given", async (t) => {
    const job = builder.script('exit 1', { keepFailed: true, client: { uid: client.uid, gid: 0 } });
    const kept = keptPath((await builder.offer(job)).outcome);
    t.not(statSync(kept).gid, 0);
  });

  t.test('builds that are stopped keep theirs, those that succeed do not', async (t) => {
    const limits = { timeout: 1, maxSilentTime: 0, maxLogSize: 0 };
    const limited = await builder.offer(builder.script('sleep 100', { keepFailed: true, client, limits }));
    t.ok(existsSync(keptPath(limited.outcome)));
    const controller = new AbortController();
    const cancelled = await builder.offer(builder.script('echo on; sleep 100', { keepFailed: true, client }), {
      signal: controller.signal,
      onItem: () => controller.abort(),
    });
    t.ok(existsSync(keptPath(cancelled.outcome)));
    const count = readdirSync(builder.temporary).length;
    const { outcome } = await builder.offer(builder.job({ keepFailed: true, client }));
    const held = outcome.status === 'succeeded' ? outcome.held : undefined;
    t.type(held, 'number', 'it is held until the outputs are judged');
    await builder.settle(held ?? 0, false);
    t.equal(readdirSync(builder.temporary).length, count);
  });

  t.test('a name that stands in the way is not followed nor replaced', async (t) => {
    const blocked = `${builder.temporary}/guix-build-blocked.drv-0.pivot`;
    mkdirSync(blocked);
    const derivation = builder.path('blocked.drv', '6');
    const { outcome } = await builder.offer(
      builder.script('echo a > a; exit 1', { derivation, keepFailed: true, client }),
    );
    t.equal(keptPath(outcome), `${builder.temporary}/guix-build-blocked.drv-0`);
    t.same(readdirSync(blocked), []);
    t.equal(statSync(`${keptPath(outcome)}/top/a`).uid, client.uid);
  });

  t.test('S12: names that others have taken before are passed over', async (t) => {
    for (let number = 0; number < 5; number++) {
      spawnSync('ln', ['-s', '/etc', `${builder.temporary}/guix-build-taken.drv-${number}`]);
    }
    const before = statSync('/etc');
    const derivation = builder.path('taken.drv', '7');
    const { outcome } = await builder.offer(builder.script('exit 1', { derivation, keepFailed: true, client }));
    t.equal(keptPath(outcome), `${builder.temporary}/guix-build-taken.drv-5`);
    t.same(statSync('/etc'), before);
  });
});

t.test('S11: a build directory cannot be reached from outside while the build runs', { skip }, async (t) => {
  const builder = new TestBuilder();
  t.teardown(() => builder.remove());
  let tried: string[] = [];
  // The build goes on until everything has been tried.
  const waiting = 'while [ ! -e tried ]; do sleep 0.1; done';
  const script = `chmod 777 . ; mkfifo sync; chmod 777 sync; chmod 777 .. 2>&1 || echo refused; echo open; ${waiting}`;
  const { outcome, log } = await builder.offer(builder.script(script), {
    onItem: ({ event }) => {
      if (event !== 'log' || tried.length > 0) return;
      const [outer = ''] = builder.leftovers();
      const attempts = [`ls ${outer}`, `touch ${outer}/top/x`, `cat < /dev/null > ${outer}/top/sync`];
      tried = attempts.map((attempt) => {
        const identity = ['--reuid=30000', '--regid=30000', '--clear-groups', 'sh', '-c', attempt];
        const { stderr } = spawnSync('setpriv', identity, { encoding: 'utf8', timeout: 5000 });
        return stderr.trim();
      });
      writeFileSync(`${outer}/top/tried`, '');
    },
  });
  t.equal(outcome.status, 'succeeded');
  t.match(String(log), /Operation not permitted|refused/);
  t.equal(tried.length, 3);
  for (const refusal of tried) t.match(refusal, /Permission denied/);
});

t.test('without a sandbox', { skip }, async (t) => {
  const builder = new TestBuilder();
  t.teardown(() => builder.remove());
  chownSync(builder.store, 0, 20_000);
  chmodSync(builder.store, 0o1775);
  const foreign = `${builder.base}/foreign`;
  writeFileSync(foreign, "not the build's", { mode: 0o666 });
  chmodSync(foreign, 0o666);

  await t.test('hard links to files of others are left to them', async (t) => {
    const before = statSync(foreign);
    const script = `echo own > own; ln ${foreign} stolen 2>/dev/null; ln -s ${foreign} link; chmod 777 .; exit 1`;
    const job = builder.script(script, { sandbox: false, keepFailed: true, client });
    const { outcome } = await builder.offer(job);
    const kept = keptPath(outcome);
    t.match(outcome, { status: 'failed', exitCode: 1 });
    t.equal(statSync(`${kept}/own`).uid, client.uid);
    t.equal(lstatSync(`${kept}/link`).uid, client.uid);
    t.same([statSync(foreign).uid, statSync(foreign).mode], [before.uid, before.mode]);
    t.equal(readFileSync(foreign, 'utf8'), "not the build's");
  });
});
