/** Builds for another machine, by the real processes of one that does them. */
import { readFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { type RemoteStatus, remoteContract } from '@cooper/contracts';
import { connect } from '@cooper/ipc';
import { derivation } from '@cooper/recipe';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { processesOf } from '../../support/process-tree.ts';
import { TemporaryCooper } from '../cli/temporary-cooper.ts';
import { shell } from '../scheduler/running-table.ts';
import { type Connection, codeOf, startFarMachine } from './far-machine.ts';

t.setTimeout(240_000);

t.test('a graph that comes with its build; log and outputs that go back', async (t) => {
  const far = await startFarMachine(t);
  const below = shell('below', 'echo not told; echo made > $out');
  const { path, bytes } = await far.makeExport(shell('top', 'echo one; cat $below >&2; cat $below > $out', { below }));
  t.notOk(await far.isValid(path));
  const near = await far.connect();
  const { storeDir, signingKey, cores } = await near.client.call('describe', {});
  t.equal(Buffer.from(storeDir).toString(), `${far.directory}/store`);
  t.match(Buffer.from(signingKey ?? []).toString(), /^\(public-key/);
  t.ok(cores > 0);

  const { number, taken } = near.import(bytes);
  const built = await near.build(path, { imports: [number] });
  t.match(built.outcome, { status: 'succeeded', logSize: 'one\nmade\n'.length });
  t.equal(built.log, 'one\nmade\n', 'the log of this build alone');
  t.strictSame(await taken, {});
  const kinds = built.events.map(({ event }) => event);
  t.equal(kinds[0], 'started');
  t.strictSame([...new Set(kinds)], ['started', 'log', 'outputs', 'piece'], 'in this order');
  const { out } = await far.outputsOf(path);
  t.match(
    built.events.find(({ event }) => event === 'outputs'),
    { paths: [out], compression: 'none' },
  );

  await far.collect();
  t.ok(await far.isValid(out as StorePath), 'what was sent is kept for as long as the channel is open');
  const again = await near.build(path, { compression: 'zstd' });
  t.match(again.outcome, { status: 'succeeded' });
  t.strictSame(again.events.map(({ event }) => event).slice(0, 1), ['outputs'], 'it is valid');
  t.ok(zstdDecompressSync(again.sent).equals(built.sent));

  t.equal(await near.end(), 0);
  await far.collect();
  t.notOk(await far.isValid(out as StorePath), 'and no longer');
  const next = await far.connect();
  t.strictSame(await next.import(built.sent).taken, {}, 'what was sent is an import for whoever believes the key');
  t.ok(await far.isValid(out as StorePath));
});

t.test('only the outputs that are wanted, and what they refer to', async (t) => {
  const far = await startFarMachine(t);
  const script = 'echo $lib > $out; echo lib > $lib; head -c 1000000 /dev/zero > $doc';
  const args = ['-c', script];
  const { path, bytes } = await far.makeExport(
    derivation({
      name: 'three',
      builder: '/bin/sh',
      args,
      env: { PATH: '/bin:/usr/bin' },
      outputs: ['out', 'lib', 'doc'],
    }),
  );
  const near = await far.connect();
  const { number } = near.import(bytes, 'none');
  const built = await near.build(path, { imports: [number] });
  const { out, lib, doc } = await far.outputsOf(path);
  t.match(
    built.events.find(({ event }) => event === 'outputs'),
    { paths: [lib, out] },
  );
  t.ok(built.sent.length < 10_000);
  t.ok(await far.isValid(doc as StorePath), 'the other one stays');
  await far.collect();
  const pieces: Uint8Array[] = [];
  const onItem = ({ data }: { data: Uint8Array }) => void pieces.push(data);
  await near.client.call('exportPaths', { paths: [doc as StorePath], compression: 'none' }, { onItem });
  t.ok(Buffer.concat(pieces).length > 1_000_000, 'until somebody wants it');
  const none = await near.build(path, { outputs: [] });
  t.match(none, { outcome: { status: 'succeeded' }, events: [] });
});

t.test('failures, limits, cancelling', async (t) => {
  const far = await startFarMachine(t);
  const near = await far.connect();
  const failing = (await far.add(shell('failing', 'echo no; exit 7'))) as StorePath;
  const failed = await near.build(failing);
  t.match(failed, { log: 'no\n', outcome: { status: 'failed', exitCode: 7, signal: null, logSize: 3 } });
  t.equal(failed.sent.length, 0);
  const slow = await far.add(shell('slow', 'echo begun; sleep 600'));
  const silent = await near.build(slow, { limits: { maxSilentTime: 1 } });
  t.match(silent, { log: 'begun\n', outcome: { status: 'limited', limit: 'max-silent-time' } });
  const long = await near.build(slow, { limits: { timeout: 1 } });
  t.match(long.outcome, { status: 'limited', limit: 'timeout' });
  const wrong = await near.build(
    await far.add(
      derivation({
        name: 'wrong',
        builder: '/bin/sh',
        args: ['-c', 'echo x > $out'],
        outputHash: `sha256:${'0'.repeat(64)}`,
      }),
    ),
  );
  t.match(wrong.outcome, { status: 'declined', reason: /hash/ }, 'for the near side to judge');
  const needy = await near.build(await far.add(shell('needy', 'echo > $out', { bad: shell('bad', 'exit 1') })));
  t.match(needy.outcome, { status: 'agent-failed', message: /dependenc/ });

  const stop = new AbortController();
  const onEvent = ({ event }: { event: string }) => void (event === 'log' && stop.abort());
  t.match(await codeOf(near.build(slow, { signal: stop.signal, onEvent })), 'cancelled');
  await nothingRuns(far);
  const nothing = `${far.directory}/store/${'0'.repeat(32)}-nothing.drv`;
  t.match((await near.build(nothing)).outcome, { status: 'agent-failed' });
});

t.test('how it fares, until nobody asks', async (t) => {
  const far = await startFarMachine(t, { 'max-jobs': '3' });
  const near = await far.connect();
  const slow = await far.add(shell('slow', 'echo begun; sleep 600'));
  const building = near.build(slow).catch(() => undefined);
  const seen: RemoteStatus[] = [];
  const stop = new AbortController();
  const watch = near.client.call(
    'watchStatus',
    { period: 100 },
    { onItem: (status) => void (seen.push(status) > 2 && status.builds === 1 && stop.abort()), signal: stop.signal },
  );
  t.strictSame(await codeOf(watch), {});
  t.match(seen.at(-1), { builds: 1, maxBuilds: 3, load: Number, freeStore: Number, freeTemporary: Number });
  // The end of the channel ends the build.
  t.equal(await near.end(), 0);
  await building;
  await nothingRuns(far);
  t.strictSame(far.remotes(), []);
});

t.test('S92: what serves the near side dies, and its builds with it', async (t) => {
  const far = await startFarMachine(t);
  const slow = await far.add(shell('slow', 'echo begun; sleep 600'));
  const victims: Readonly<Record<string, (near: Connection) => number>> = {
    'cooper-remote': () => pidOf(far, 'cooper-remote'),
    'the command that started it': (near) => near.process.pid as number,
  };
  for (const [name, victim] of Object.entries(victims)) {
    const near = await far.connect();
    const onEvent = ({ event }: { event: string }) => void (event === 'log' && process.kill(victim(near), 'SIGKILL'));
    t.equal(await codeOf(near.build(slow, { onEvent })), 'channel-closed', name);
    t.not(await near.exited, 0);
    await nothingRuns(far);
    while (far.remotes().length > 0) await delay(20);
  }
});

t.test('it has the processes started where none run, and has no rights itself', async (t) => {
  const cooper = new TemporaryCooper();
  t.teardown(() => cooper.remove());
  const { process: child, ended } = cooper.start('remote');
  const stream = Duplex.from({ readable: child.stdout as never, writable: child.stdin as never });
  const near = await connect(remoteContract, stream, { client: 'a test' });
  t.match(await near.call('describe', {}), { signingKey: null });
  const remote = pidOf(cooper, 'cooper-remote');
  const status = readFileSync(`/proc/${remote}/status`, 'utf8');
  if (process.getuid?.() === 0) t.notMatch(status, /^Uid:\t0\t/m, 'another user');
  t.match(status, /^CapPrm:\t0+$/m);
  t.match(status, /^CapEff:\t0+$/m);
  child.stdin.write('this is no message');
  t.match(await ended, { status: 71, stderr: /is longer than/ }, 'whoever breaks the rules is cut off');
  await cooper.quiet();
});

function pidOf({ directory }: { readonly directory: string }, name: string): number {
  const found = processesOf(directory).find(({ commandLine }) => commandLine.startsWith(name));
  if (found === undefined) throw new Error(`no ${name} runs`);
  return found.pid;
}

/** Waits until the scheduler has nothing to do. Where it always has, the test takes too long. */
async function nothingRuns({ scheduler }: Awaited<ReturnType<typeof startFarMachine>>): Promise<void> {
  for (;;) {
    const { requests, goals } = await scheduler.call('snapshot', {});
    if (requests.length === 0 && goals.length === 0) return;
  }
}
