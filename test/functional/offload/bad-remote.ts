/** What stands in the place of `cooper remote` on a machine that does not do what it should: its one argument says how. */
import { spawn } from 'node:child_process';
import { type RemoteEvent, remoteContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { type Handlers, serve } from '@cooper/ipc';
import { standardStream } from '@cooper/process';

const [, , fault = '', storeDir = ''] = process.argv;
const forever = new Promise<never>(() => setInterval(() => undefined, 1000));
const span = { startTime: 0, stopTime: 0, logSize: 0 };

type Send = (event: RemoteEvent) => Promise<void>;

/** The exit codes of those whose builds fail. */
const exitCodes: Readonly<Record<string, number>> = { 'fails-100': 100 };

/** An export whose first archive is a file without end. */
const startOfLargeFile = Buffer.concat([
  integer(1),
  ...['nix-archive-1', '(', 'type', 'regular', 'contents'].map(string),
  integer(2 ** 40),
]);

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function string(text: string): Buffer {
  return Buffer.concat([integer(text.length), Buffer.from(text), Buffer.alloc(-text.length & 7)]);
}

/** How a build goes wrong. What is not here does so earlier. */
const builds: Readonly<Record<string, (send: Send) => Promise<void>>> = {
  'dies-in-build': async (send) => {
    await send({ event: 'log', data: Buffer.from('last words\n') });
    setImmediate(() => process.exit(1));
    await forever;
  },
  freezes: async (send) => {
    await send({ event: 'log', data: Buffer.from('brr\n') });
    // Long after it was given up it goes on, to find that nobody is there: nothing is to stay behind.
    spawn('/bin/sh', ['-c', `sleep 25; kill -CONT ${process.pid}`], { detached: true, stdio: 'ignore' }).unref();
    setImmediate(() => process.kill(process.pid, 'SIGSTOP'));
    await forever;
  },
  'fails-100': (send) => send({ event: 'log', data: Buffer.from('remote build failed\n') }),
  'never-ends': () => forever,
  'never-sends': async (send) => {
    await send({ event: 'outputs', paths: [], size: 1000, compression: 'none' });
    await forever;
  },
  'sends-nothing': async () => undefined,
  'sends-rubbish': async (send) => send({ event: 'piece', data: Buffer.from('these are no outputs') }),
  'sends-none': async (send) => send({ event: 'piece', data: Buffer.alloc(8) }),
  'sends-too-much': async (send) => {
    await send({ event: 'outputs', paths: [], size: 1000, compression: 'none' });
    await send({ event: 'piece', data: startOfLargeFile });
    for (;;) await send({ event: 'piece', data: Buffer.alloc(200_000, 1) });
  },
  'needs-too-much': async (send) => {
    await send({ event: 'outputs', paths: [], size: 2 ** 50, compression: 'none' });
    await forever;
  },
};

const handlers: Handlers<typeof remoteContract> = {
  describe: () => {
    if (fault === 'dies-at-once') process.exit(1);
    const where = Buffer.from(fault === 'other-store' ? '/other/store' : storeDir);
    return { storeDir: where, version: 'bad 0', systems: ['x86_64-linux'], features: null, cores: 4, signingKey: null };
  },
  watchStatus: async (_params, call) => {
    const fares = { load: 0, pressure: null, freeMemory: 1e9, freeStore: 1e12, freeTemporary: 1e9 };
    for (;;) {
      await call.send({ ...fares, builds: 0, maxBuilds: 4 });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  },
  queryMissing: ({ paths }) => {
    if (fault === 'dies-when-asked') process.exit(1);
    if (fault === 'never-answers') return forever;
    return { paths };
  },
  importPiece: () => {
    if (fault === 'dies-in-import') process.exit(1);
    if (fault === 'never-takes') return forever;
    if (fault === 'fills-up') throw new Fault('disk-full', 'no space left on device');
    return {};
  },
  build: async (_wish, call) => {
    if (fault === 'fills-up') throw new Fault('import-failed', 'import 1: no space left on device');
    if (fault === 'never-begins' || fault === 'never-takes') await forever;
    await call.send({ event: 'started', process: 1, logFile: Buffer.alloc(0), time: 0 });
    const send = async (event: RemoteEvent) => {
      if (call.signal.aborted) throw new Fault('cancelled', 'stopped');
      await call.send(event);
    };
    await builds[fault]?.(send);
    const exitCode = exitCodes[fault];
    if (exitCode !== undefined) return { outcome: { status: 'failed', ...span, exitCode, signal: null } };
    return { outcome: { status: 'succeeded', ...span } };
  },
  exportPaths: () => forever,
};

const { closed } = serve(remoteContract, handlers, standardStream(), { server: 'bad' });
// Some of its calls never end.
await closed;
process.exit(0);
