/** Cooper in the place of guix-daemon: what a client adds one by one, and what the processes need when nothing happens. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fromText } from '@cooper/byte-string';
import { WorkerClient } from '@cooper/worker-client';
import { execa } from 'execa';
import { type Bench, clock, race } from './bench.ts';
import { cooperProgram, derivationsOf } from './cooper-side.ts';
import { expressionOf, nixEnvironment, startNix } from './nix-side.ts';
import { memoryBelow } from './process-figures.ts';
import { figures, type Measured } from './row.ts';
import { chain } from './workload.ts';

const adding = '300 derivations added one by one by a client';
const idle = 'memory of all processes, idle';
const count = 300;

export async function daemonRows(bench: Bench): Promise<void> {
  if (!bench.wants(adding) && !bench.wants(idle)) return;
  const daemon = await startDaemon(bench.directory());
  const nixRoot = bench.directory();
  const nix = bench.options.alone ? undefined : await startNix({ root: nixRoot, sandbox: false, maxJobs: 2 });
  try {
    await bench.row({ name: idle, unit: 'MiB', aim: { most: 300 }, measure: () => idleMemory(daemon.pid) });
    const peer = nix === undefined ? undefined : () => instantiate(nixRoot);
    const measure = () => race({ runs: 5, cooper: () => addChain(daemon), peer });
    await bench.row({ name: adding, unit: 'ms each', aim: { most: 1 }, measure });
  } finally {
    await daemon.stop();
    await nix?.stop();
  }
}

interface Daemon {
  readonly pid: number;
  readonly storeDir: string;
  readonly socket: string;
  stop(): Promise<void>;
}

async function startDaemon(root: string): Promise<Daemon> {
  const storeDir = `${root}/store`;
  const words = ['daemon', `--store-dir=${storeDir}`, `--state-dir=${root}/state`, '--no-substitutes'];
  const child = spawn(cooperProgram, words, { stdio: 'ignore' });
  const socket = `${root}/state/daemon-socket/socket`;
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error('cooper daemon did not start');
    await delay(20);
  }
  const stop = async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  };
  return { pid: child.pid ?? 0, storeDir, socket, stop };
}

/** Some seconds after somebody was served. */
async function idleMemory(pid: number): Promise<Measured> {
  await delay(5000);
  return { cooper: figures([memoryBelow(pid)]) };
}

async function addChain({ storeDir, socket }: Daemon): Promise<number> {
  const client = await WorkerClient.open(socket);
  const texts = derivationsOf(chain(count), storeDir).map(({ text }) => text);
  const took = await clock(async () => {
    for (const { name, contents, references } of texts) {
      await client.request('add-text-to-store', { name: fromText(name), text: Buffer.from(contents), references });
    }
  });
  client.close();
  return took / count;
}

/** Nix's client evaluates first; what that takes is taken off. */
async function instantiate(root: string): Promise<number> {
  const file = `${root}/added.nix`;
  writeFileSync(file, expressionOf(chain(count)));
  const run = (...words: string[]) =>
    clock(() => execa('nix-instantiate', [...words, file], { env: nixEnvironment(root) }));
  const evaluation = await run('--readonly-mode');
  return ((await run()) - evaluation) / count;
}
