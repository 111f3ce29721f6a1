/** Who a client is, the kernel says: root's clients, other users', and those that come through the network. */
import { existsSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import type { ByteString } from '@cooper/byte-string';
import { WorkerClient } from '@cooper/worker-client';
import { makeSessionOptions } from '@cooper/worker-protocol';
import t from 'tap';
import { addGraph, build, graphOf, shell } from './graphs.ts';
import { addText, RunningDaemon } from './running-daemon.ts';

const skip = process.getuid?.() === 0 ? false : 'SKIPPED: needs root, to be other users';

// Many processes start here, on machines that may be busy.
t.setTimeout(110_000);

/** A user whom no account has. */
const stranger = 30_517;

/** Connects as the user `uid`: the kernel notes who connects, and nothing after that counts. */
async function connectAs(uid: number, daemon: RunningDaemon): Promise<WorkerClient> {
  (await daemon.connect()).close();
  process.seteuid?.(uid);
  try {
    return await WorkerClient.open(daemon.socket);
  } finally {
    process.seteuid?.(0);
  }
}

t.test('root may repair, and a stranger may not', { skip }, async (t) => {
  const daemon = new RunningDaemon(t);
  const [root, other] = [await daemon.connect(), await connectAs(stranger, daemon)];
  const item = shell('item', 'echo x > $out');
  const graph = graphOf(daemon.storeDir, [item]);
  const targets = await addGraph(other, graph, [item]);
  t.equal((await build(other, targets)).error, undefined);
  t.equal((await build(root, targets, { mode: 1 })).error, undefined);
  await t.rejects(other.request('verify-store', { checkContents: 0, repair: 1 }), {
    message: 'you are not privileged to repair paths',
  });
  const refused = await build(other, targets, { mode: 1 });
  t.equal(refused.error?.message, 'repairing is a privileged operation');
  await t.rejects(addText(other, 'more', 'x'), { code: 'connection-closed' }, 'as it is with guix-daemon');
  root.close();
  t.equal(await daemon.stop(), 0);
});

t.test('users get directories for their profiles', { skip }, async (t) => {
  const daemon = new RunningDaemon(t);
  (await connectAs(stranger, daemon)).close();
  const profiles = `${daemon.root}/state/profiles/per-user`;
  t.same(readdirSync(profiles).sort(), [String(stranger), 'root'].sort());
  const { uid, mode } = statSync(`${profiles}/${stranger}`);
  t.same({ uid, mode: mode & 0o7777 }, { uid: stranger, mode: 0o755 });
  t.equal(statSync(profiles).uid, 0);
  rmdirSync(`${profiles}/${stranger}`);
  (await connectAs(stranger, daemon)).close();
  t.ok(existsSync(`${profiles}/${stranger}`), 'again, where somebody has removed it');
  t.equal(await daemon.stop(), 0);
});

t.test('caches that a stranger names count for the stranger alone', { skip }, async (t) => {
  const daemon = new RunningDaemon(t, ['--substitute-urls=http://127.0.0.1:9', '--no-substitutes']);
  const other = await connectAs(stranger, daemon);
  await other.request(
    'set-options',
    makeSessionOptions({ useSubstitutes: 1 }, { 'substitute-urls': 'http://a http://b' }),
  );
  // The test's daemon does without substitutes, which no client can change.
  t.same(await other.request('substitute-urls', {}), []);
  other.close();
  t.equal(await daemon.stop(), 0);
});

t.test('who comes through the network is nobody', { skip }, async (t) => {
  const port = 20_000 + (process.pid % 20_000);
  const daemon = new RunningDaemon(t, [`--listen=127.0.0.1:${port}`]);
  t.notOk(existsSync(daemon.socket), 'sockets that are named are instead of the usual one');
  const client = await untilThere(() => WorkerClient.open({ host: '127.0.0.1', port }));
  t.equal(await client.request('valid-path?', { path: await addText(client, 'text', 'from afar') }), 1);
  await client.request('set-options', makeSessionOptions({ keepFailed: 1 }, { 'user-name': 'root' }));
  t.ok(existsSync(`${daemon.root}/state/profiles/per-user/root`));
  await t.rejects(client.request('verify-store', { checkContents: 0, repair: 1 }), { code: 'daemon-error' });
  await t.rejects(client.request('build-things', { targets: ['/etc/passwd' as ByteString], mode: 0 }), {
    message: "path `/etc/passwd' is not in the store",
  });
  client.close();
  t.equal(await daemon.stop(), 0);
});

async function untilThere<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      // Not there yet; a test that waits in vain runs into its time limit.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
