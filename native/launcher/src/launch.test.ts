/** The interface: what goes in on descriptor 3, what comes out, and how the launcher ends. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import t from 'tap';
import { converse, frame, frameBytes, type Launch, launch, launcherPath, start } from './launch.ts';
import { bytes } from './sandbox.ts';

const act = new URL('../build/test/act', import.meta.url).pathname;

/** No sandbox: the interface is the same, and nothing has to be laid out. */
function plain(args: readonly (string | Buffer)[], changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    version: 1,
    builder: bytes(act),
    args: args.map((value) => (typeof value === 'string' ? bytes(value) : value)),
    environment: [],
    workingDirectory: bytes('/'),
    sandbox: null,
    uid: null,
    gid: null,
    groups: null,
    ...changes,
  };
}

function send(sent: Buffer): Promise<Launch> {
  return converse(start([launcherPath]), sent);
}

t.test('ends as the builder ended', async (test) => {
  for (const exitCode of [0, 1, 72, 100, 255]) {
    const ended = await launch(plain(['act', 'exit', String(exitCode)]));
    test.match(ended, { exitCode, signal: null, report: undefined });
  }
  for (const signal of ['SIGKILL', 'SIGSEGV', 'SIGTERM', 'SIGABRT', 'SIGPIPE'] as const) {
    const ended = await launch(plain(['act', 'signal', String(constants.signals[signal])]));
    test.match(ended, { exitCode: null, signal, report: undefined });
  }
});

t.test('S90 arguments and environment keep every byte and their order', async (test) => {
  const odd = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1));
  const environment = [
    bytes('Z=last comes first'),
    Buffer.concat([bytes('ODD='), odd]),
    bytes('=no name'),
    bytes('bare'),
  ];
  const { output } = await launch(plain(['', 'arguments', odd], { environment }));
  const expected = [Buffer.alloc(0), bytes('arguments'), odd, ...environment].map((value) => value.toString('hex'));
  test.strictSame(output.split('\n').slice(0, -1), expected);
});

t.test('a builder that cannot be executed is reported', async (test) => {
  const missing = await launch(plain(['x'], { builder: bytes('/nonexistent/builder') }));
  test.match(missing, { exitCode: 127, report: { step: 'execute', error: 'ENOENT', errno: 2 } });
  test.equal(missing.report?.path?.toString(), '/nonexistent/builder');
  const noFormat = await launch(plain(['x'], { builder: bytes(new URL('../README.md', import.meta.url).pathname) }));
  test.match(noFormat, { exitCode: 126, report: { step: 'execute', error: 'EACCES' } });
});

t.test('a working directory that is not there is reported', async (test) => {
  const ended = await launch(plain(['x'], { workingDirectory: bytes('/nonexistent') }));
  test.match(ended, { exitCode: 72, report: { step: 'enter-working-directory', error: 'ENOENT' } });
});

t.test('a specification is refused by the name of the field', async (test) => {
  const wrong = await launch(plain(['x'], { builder: 'a string' }));
  test.match(wrong, {
    exitCode: 65,
    report: { step: 'decode-specification', field: 'builder', problem: 'wrong-type' },
  });
  const { uid: _, ...without } = plain(['x']);
  test.match(await launch(without), { report: { field: 'uid', problem: 'missing' } });
  const relative = await launch(plain(['x'], { workingDirectory: bytes('tmp') }));
  test.match(relative, { report: { field: 'workingDirectory', problem: 'not-absolute' } });
});

t.test('unknown fields are ignored', async (test) => {
  const ended = await launch(plain(['act', 'exit', '3'], { inTheFuture: { a: [1.5, 'x'] } }));
  test.match(ended, { exitCode: 65, report: { problem: 'not-message-pack' } }, 'floating point is not');
  test.match(await launch(plain(['act', 'exit', '3'], { inTheFuture: { a: [1, 'x'] } })), { exitCode: 3 });
});

t.test('S88 broken frames are refused', async (test) => {
  const good = frame(plain(['act', 'exit', '0']));
  test.match(await send(frameBytes(Buffer.from([0xc1]))), { exitCode: 65 });
  test.match(await send(frameBytes(Buffer.alloc(0))), { exitCode: 65 });
  test.match(await send(Buffer.from([0xff, 0xff, 0xff, 0xff])), {
    exitCode: 74,
    report: { step: 'read-specification', error: 'EMSGSIZE' },
  });
  const trailing = frameBytes(Buffer.concat([good.subarray(4), Buffer.from([0xc0])]));
  test.match(await send(trailing), { exitCode: 65, report: { problem: 'not-message-pack' } });
});

t.test('a frame may come byte by byte', async (test) => {
  const child = start([launcherPath]);
  const sent = frame(plain(['act', 'exit', '5']));
  const ended = converse(child, sent.subarray(0, 1));
  const channel = child.stdio[3] as NodeJS.WritableStream;
  for (const byte of sent.subarray(1)) await new Promise((resolve) => channel.write(Buffer.from([byte]), resolve));
  test.match(await ended, { exitCode: 5, report: undefined });
});

t.test('a channel that ends early is reported by the exit code', async (test) => {
  const child = start([launcherPath]);
  const ended = converse(child, Buffer.from([0, 0, 0, 9, 1]));
  (child.stdio[3] as NodeJS.WritableStream).end();
  test.match(await ended, { exitCode: 74, report: { step: 'read-specification', error: 'ENODATA' } });
});

t.test('a caller may close its half of the channel after the specification', async (test) => {
  const child = start([launcherPath]);
  const ended = converse(child, Buffer.alloc(0));
  (child.stdio[3] as NodeJS.WritableStream).end(frame(plain(['act', 'exit', '6'])));
  test.match(await ended, { exitCode: 6, report: undefined });
});

t.test('without a caller that waits nothing is run', async (test) => {
  const go = join(test.testdir(), 'go');
  const waiting = ['sh', '-c', 'until test -e "$1"; do sleep 0.02; done; exec "$0"', launcherPath, go];
  const child = start(waiting);
  const exit = new Promise((resolve) => child.once('exit', resolve));
  const channel = child.stdio[3] as Duplex;
  const closed = new Promise((resolve) => channel.once('close', resolve));
  channel.write(frame(plain(['act', 'exit', '6'])), () => channel.destroy());
  await closed;
  writeFileSync(go, '');
  test.equal(await exit, 71);
});

t.test('ignored and blocked signals are not passed on', async (test) => {
  const probe = bytes(new URL('../build/test/probe', import.meta.url).pathname);
  const ignoring = ['sh', '-c', 'trap "" INT QUIT PIPE CHLD USR1; exec "$0"', launcherPath];
  const { output, exitCode } = await converse(start(ignoring), frame(plain(['probe'], { builder: probe })));
  test.equal(exitCode, 0);
  test.match(output, /^SigIgn:\t0{16}$/m);
});

t.test('arguments and missing descriptors are refused', async (test) => {
  test.match(await converse(start([launcherPath, 'x']), Buffer.alloc(0)), { exitCode: 64, report: { step: 'start' } });
  test.equal(spawnSync(launcherPath, { stdio: ['ignore', 'pipe', 'pipe'] }).status, 64);
});

t.test('S20 without a sandbox too there are no capabilities and no new privileges', async (test) => {
  const probe = bytes(new URL('../build/test/probe', import.meta.url).pathname);
  const { output } = await launch(plain(['probe'], { builder: probe }));
  test.match(output, /^NoNewPrivs:\t1$/m);
  test.match(output, /^Seccomp:\t2$/m);
  for (const set of ['Inh', 'Prm', 'Eff', 'Amb']) test.match(output, new RegExp(`^Cap${set}:\\t0{16}$`, 'm'));
  if (process.getuid?.() === 0) test.match(output, /^CapBnd:\t0{16}$/m);
});

t.test('the test programs are built', (test) => {
  test.ok(readFileSync(act).length > 0);
  test.end();
});
