/** Clients that say anything at all: none takes the daemon down, and others go on. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { readGoldenBundle } from '../../support/golden.ts';
import { addText, RunningDaemon } from './running-daemon.ts';

// Many processes start here, on machines that may be busy.
t.setTimeout(110_000);

const bundle = readGoldenBundle('worker-protocol/sessions.tar.zst');
const recorded = [...bundle].filter(([name]) => name.endsWith('.client.bin')).map(([, bytes]) => bytes);
const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);

/** Numbers from 0 up to 1, the same for the same seed: a linear congruential generator (Numerical Recipes). */
function* numbers(state: number): Generator<number, never> {
  for (let next = state; ; ) {
    next = (Math.imul(next, 1_664_525) + 1_013_904_223) >>> 0;
    yield next / 2 ** 32;
  }
}
const random = numbers(seed);
const below = (limit: number) => Math.floor(random.next().value * limit);

/** A recorded session with some bytes changed, or cut off somewhere, or with something put in. */
function mutated(): Buffer {
  const bytes = Buffer.from(recorded[below(recorded.length)] as Buffer);
  switch (below(3)) {
    case 0:
      for (let count = 1 + below(4); count > 0; count--) bytes[below(bytes.length)] = below(256);
      return bytes;
    case 1:
      return bytes.subarray(0, below(bytes.length));
    default: {
      const at = 8 * below(bytes.length / 8);
      const length = Buffer.alloc(8);
      length.writeUInt32LE(below(2 ** 32));
      return Buffer.concat([bytes.subarray(0, at), length, bytes.subarray(at)]);
    }
  }
}

/** Says `bytes` to the daemon, and no more. Resolves when the daemon has closed the connection. */
async function say(path: string, bytes: Buffer): Promise<void> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  socket.resume();
  socket.end(bytes);
  await once(socket, 'close');
}

t.test('changed and cut sessions', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  t.comment(`SEED=${seed}`);
  const before = [...daemon.processes().values()];
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 25 }, () => say(daemon.socket, mutated())));
    await addText(client, 'text', `round ${round}`);
  }
  t.same([...daemon.processes().values()], before, 'every process is still there');
  t.notMatch(daemon.log, /bug/);
  client.close();
  t.equal(await daemon.stop(), 0);
});

t.test('S60: an announced length makes nothing grow', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  const greeting = integers(0x6e697863, 0x164, 0, 1, 8);
  for (const length of [2 ** 31, 2 ** 32 - 1, 2 ** 32]) {
    const field = Buffer.alloc(8);
    field.writeBigUInt64LE(BigInt(length));
    await say(daemon.socket, Buffer.concat([greeting, field, Buffer.alloc(64)]));
  }
  await addText(client, 'text', 'still there');
  client.close();
  t.equal(await daemon.stop(), 0);
});

t.test('S60: clients that say nothing keep nobody waiting', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  const silent = Array.from({ length: 300 }, () => connect(daemon.socket));
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  t.equal(await client.request('valid-path?', { path: await addText(client, 'text', 'x') }), 1);
  for (const socket of silent) socket.destroy();
  client.close();
  t.equal(await daemon.stop(), 0);
});

t.test('S60: a client that never reads is held up, alone, and makes nothing grow', async (t) => {
  const daemon = new RunningDaemon(t);
  const client = await daemon.connect();
  const path = await addText(client, 'text', 'x'.repeat(100_000));
  const socket = connect(daemon.socket);
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(integers(0x6e697863, 0x164, 0, 0));
  // Each of these asks for the archive: some 20 GB in all.
  const request = Buffer.concat([
    integers(16, path.length),
    Buffer.from(path),
    Buffer.alloc(-path.length & 7),
    integers(0),
  ]);
  const before = memoryOf(daemon);
  for (let sent = 0; sent < 200_000; sent += 1000) socket.write(Buffer.concat(Array(1000).fill(request)));
  for (let turn = 0; turn < 50; turn++) {
    t.equal(await client.request('valid-path?', { path }), 1);
    await delay(20);
  }
  const grown = memoryOf(daemon) - before;
  t.ok(grown < 128, `${grown} MiB`);
  socket.destroy();
  client.close();
  t.equal(await daemon.stop(), 0);
});

function integers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 8 * index);
  return bytes;
}

/** What the process that serves clients has in memory, in MiB. */
function memoryOf(daemon: RunningDaemon): number {
  const status = readFileSync(`/proc/${daemon.processes().get('cooper-daemon')}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
