/** How the daemon starts and ends: in the foreground, by systemd, several at once, with what it cannot use. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { WorkerClient } from '@cooper/worker-client';
import t from 'tap';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { addText, cooperProgram, RunningDaemon } from './running-daemon.ts';

// Many processes start here, on machines that may be busy.
t.setTimeout(110_000);

t.test('guix-daemon’s environment and options', async (t) => {
  const root = temporaryDirectory(t);
  const environment = {
    ...process.env,
    NIX_STORE_DIR: `${root}/store`,
    GUIX_STATE_DIRECTORY: `${root}/state`,
    GUIX_LOG_DIRECTORY: `${root}/logs`,
    GUIX_DATABASE_DIRECTORY: `${root}/database`,
    GUIX_CONFIGURATION_DIRECTORY: `${root}/etc`,
  };
  const words = [
    '-c',
    '1',
    '-M2',
    '--disable-chroot',
    '--gc-keep-outputs',
    '--gc-keep-derivations=no',
    '--discover=no',
  ];
  const more = ['--no-build-hook', '--disable-log-compression', '--disable-store-optimization', '--rounds=2'];
  const child = spawn(cooperProgram, ['daemon', ...words, ...more], { env: environment, stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  const socket = `${root}/state/daemon-socket/socket`;
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 20));
  const client = await WorkerClient.open(socket);
  t.match(await addText(client, 'text', 'x'), `${root}/store/`);
  t.ok(existsSync(`${root}/database/db.sqlite`));
  t.match(JSON.parse(readFileSync(`${root}/state/run/settings`, 'utf8')), {
    cores: 1,
    'max-jobs': 2,
    'gc-keep-outputs': 'yes',
    'gc-keep-derivations': 'no',
    'log-compression': 'none',
    'no-offload': true,
    rounds: 2,
    'log-dir': `${root}/logs`,
  });
  client.close();
  child.kill('SIGTERM');
  t.same(await once(child, 'exit'), [0, null]);
});

t.test('what it does not know is refused', async (t) => {
  const { status, stderr } = spawnSync(cooperProgram, ['daemon', '--listne=/x'], { encoding: 'utf8' });
  t.not(status, 0);
  t.match(stderr, /unknown option '--listne=\/x'/);
});

t.test('sockets that systemd opened are served, and outlive a process that dies', async (t) => {
  const root = temporaryDirectory(t);
  const server = createServer();
  const path = `${root}/activated`;
  server.listen(`${path}.bound`);
  await once(server, 'listening');
  // Closing it here removes the name that it was bound to, and no other.
  renameSync(`${path}.bound`, path);
  const descriptor = (server as unknown as { _handle: { fd: number } })._handle.fd;
  // As systemd does: the number of the process that it becomes.
  const script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"';
  const words = ['daemon', `--store-dir=${root}/store`, `--state-dir=${root}/state`, '--disable-chroot'];
  const child = spawn('/bin/sh', ['-c', script, cooperProgram, ...words], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const said = text(child.stderr as NodeJS.ReadableStream);
  server.close();
  const client = await WorkerClient.open(path);
  t.match(await addText(client, 'text', 'x'), `${root}/store/`);
  t.notOk(existsSync(`${root}/state/daemon-socket`), 'and no others');
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
  const victim = children.find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'cooper-daemon');
  process.kill(Number(victim), 'SIGKILL');
  // The connection waits in the queue of the socket, which is still there.
  const again = await WorkerClient.open(path);
  t.match(await addText(again, 'text', 'y'), `${root}/store/`);
  again.close();
  child.kill('SIGTERM');
  t.same(await once(child, 'exit'), [0, null]);
  t.match(await said, /cooper-daemon has ended \(SIGKILL\); starting it again/);
});

t.test('several at once, each in a world of its own', async (t) => {
  const daemons = [new RunningDaemon(t), new RunningDaemon(t), new RunningDaemon(t)];
  const clients = await Promise.all(daemons.map((daemon) => daemon.connect()));
  const paths = await Promise.all(clients.map((client) => addText(client, 'text', 'the same')));
  t.equal(new Set(paths).size, 3);
  const second = new RunningDaemon(t, [], { root: daemons[0]?.root as string });
  t.equal(await second.ended, 75, 'but not two with one state');
  t.match(second.log, /another supervisor serves/);
  for (const client of clients) client.close();
  t.same(await Promise.all(daemons.map((daemon) => daemon.stop())), [0, 0, 0]);
});

t.test('SIGHUP ends nothing', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  daemon.child.kill('SIGHUP');
  t.match(await addText(client, 'text', 'x'), daemon.storeDir);
  client.close();
  t.equal(await daemon.stop('SIGINT'), 0);
  t.match(daemon.log, /nothing to reload/);
});
