import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, symlinkSync } from 'node:fs';
import { connect as dial, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { connect } from '@cooper/ipc';
import t from 'tap';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { sampleContract } from './test-programs/sample-contract.ts';

const program = fileURLToPath(new URL('test-programs/sample.ts', import.meta.url));

function start(words: readonly string[], stdio: StdioOptions = ['pipe', 'pipe', 'pipe']) {
  const child = spawn(process.execPath, [program, ...words], { stdio });
  const said = text(child.stderr as NodeJS.ReadableStream);
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
  return { child, said, ended };
}

async function ready({ stderr }: ChildProcess): Promise<void> {
  for (let said = ''; !said.includes('ready'); )
    said += String((await once(stderr as NodeJS.ReadableStream, 'data'))[0]);
}

const connectTo = (stream: Duplex) => connect(sampleContract, stream, { client: 'test' });

// Many processes start here, on machines that may be busy.
t.setTimeout(110_000);

t.test('serves standard input and output, and ends with them', async (t) => {
  const { child, said, ended } = start(['one', '--two']);
  const stream = Duplex.from({ readable: child.stdout as never, writable: child.stdin as never });
  const client = await connectTo(stream);
  t.equal(client.server, 'cooper-sample');
  t.match((await client.call('status', {})).text, /^Name:\tcooper-sample\nUmask:\t0022/);
  client.close();
  t.equal(await ended, 0);
  t.match(
    await said,
    /^cooper-sample: ready with 2 words\ncooper-sample: stopping: last\ncooper-sample: stopping: first\n$/,
  );
});

t.test('serves the channel that it is given, and hands no descriptor on to its children', async (t) => {
  const { child, ended } = start(
    ['--channel', 'sample=3', '--lifeline=4'],
    ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  );
  const client = await connectTo(child.stdio[3] as Socket);
  const { text } = await client.call('descriptors', {});
  // 0, 1 and 2 of the child, and the directory that it lists. High ones are what this test was started with.
  t.same(
    (text.match(/ \d+(?= ->)/g) ?? []).map(Number).filter((fd) => fd < 16),
    [0, 1, 2, 3],
  );
  client.close();
  t.equal(await ended, 0);
});

t.test('serves a path; one bad client is told of and harms nobody', async (t) => {
  const path = `${temporaryDirectory(t)}/socket`;
  symlinkSync('/nowhere', path);
  const { child, said, ended } = start(['--listen', `sample=${path}`]);
  await ready(child);
  t.ok(existsSync(path));
  const good = await connectTo(dial(path));
  const bad = dial(path);
  bad.end('GET / HTTP/1.1\r\n\r\n');
  await once(bad, 'close');
  const other = await connectTo(dial(path));
  await good.call('status', {});
  await other.call('status', {});
  child.kill('SIGTERM');
  t.equal(await ended, 0);
  t.match(
    await said,
    /warning: a channel has ended: a message of 1195725856 bytes is longer .* code=malformed-message\n/,
  );
});

t.test('ends when whoever started it is gone', async (t) => {
  const path = `${temporaryDirectory(t)}/socket`;
  const { child, ended } = start(['--lifeline=3', `--listen=sample=${path}`], ['ignore', 'ignore', 'pipe', 'pipe']);
  await ready(child);
  const start_ = performance.now();
  (child.stdio[3] as Socket).destroy();
  t.equal(await ended, 0);
  t.ok(performance.now() - start_ < 1000);
});

t.test('a bug is told with its stack, and ends the process', async (t) => {
  const { child, said, ended } = start(['--channel=sample=3'], ['ignore', 'ignore', 'pipe', 'pipe']);
  const client = await connectTo(child.stdio[3] as Socket);
  await client.call('crash', {});
  t.equal(await ended, 70);
  t.match(await said, /cooper-sample: error: bug: Error: out of nowhere\ncooper-sample: \| +at /);
  const early = start(['--throw']);
  t.equal(await early.ended, 70);
  t.match(await early.said, /a broken invariant(.|\n)*\[cause\]: Error: deeper/);
});

t.test('a bad command line is refused before anything else', async (t) => {
  const cases = [
    [['--channel', 'sample'], /--channel does not take `sample'/],
    [['--channel=sample=x'], /a descriptor does not take `x'/],
    [['--lifeline'], /--lifeline does not take `nothing'/],
    [['--user', 'root'], /--user does not take `root'/],
    [['--listen', 'sample=relative/path'], /a descriptor does not take/],
  ] as const;
  for (const [words, message] of cases) {
    const { said, ended } = start(words);
    t.equal(await ended, 64);
    t.match(await said, message);
  }
});

t.test('a descriptor that is none is a fault', async (t) => {
  const { said, ended } = start(['--channel=sample=77']);
  t.equal(await ended, 64);
  t.match(await said, /descriptor 77 is no open socket/);
});

t.test('SIGHUP stops, or does what the process wants it to', async (t) => {
  const path = `${temporaryDirectory(t)}/socket`;
  const plain = start([`--listen=sample=${path}`]);
  await ready(plain.child);
  plain.child.kill('SIGHUP');
  t.equal(await plain.ended, 0);
  const reloading = start([`--listen=sample=${path}`, '--reload']);
  await ready(reloading.child);
  reloading.child.kill('SIGHUP');
  await once(reloading.child.stderr as NodeJS.ReadableStream, 'data');
  reloading.child.kill('SIGINT');
  t.equal(await reloading.ended, 0);
  t.match(await reloading.said, /reloading\n/);
});

t.test('a stop that hangs is cut short: by its time, or by a second signal', async (t) => {
  const directory = temporaryDirectory(t);
  const slow = start([`--listen=sample=${directory}/slow`, '--hang']);
  const impatient = start([`--listen=sample=${directory}/impatient`, '--hang']);
  await Promise.all([ready(slow.child), ready(impatient.child)]);
  slow.child.kill('SIGTERM');
  impatient.child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 200));
  impatient.child.kill('SIGTERM');
  t.equal(await impatient.ended, 143);
  t.equal(await slow.ended, 71);
  t.match(await slow.said, /stopping takes too long/);
});

t.test('a path that no socket can have', async (t) => {
  const path = `${t.testdir()}/${'x'.repeat(100)}`;
  const { said, ended } = start([`--listen=sample=${path}`]);
  t.equal(await ended, 71);
  t.match(await said, /is too long for a socket: the kernel takes 107 bytes/);
});
