/**
 * S01 to S04: builds that hand descriptors of their outputs to somebody outside, over the one way that is left when
 * somebody shows the sandbox a directory with a socket. Nothing that is done with them afterwards may count.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RequestOptions, SchedulerEvent } from '@cooper/contracts';
import { hashBytes } from '@cooper/hash';
import { derivation } from '@cooper/recipe';
import t, { type Test } from 'tap';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { type RunningTable, startTable } from '../scheduler/running-table.ts';

const programs = fileURLToPath(new URL('../../../native/launcher/build/test', import.meta.url));
const smuggle = `${programs}/smuggle`;
const isRoot = process.getuid?.() === 0;
const contents = 'hello, world\n';
const outputHash = `sha256:${Buffer.from(hashBytes('sha256', Buffer.from(contents)).digest).toString('hex')}`;

/** Somebody outside, who is not root where that can be had. */
class Intruder {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(t: Test, socket: string) {
    const identity = isRoot ? { uid: 20_001, gid: 20_001 } : {};
    this.#process = spawn(smuggle, ['hold', socket], { stdio: ['pipe', 'pipe', 'ignore'], ...identity });
    this.#lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    t.teardown(() => this.#process.kill('SIGKILL'));
  }

  /** The next line that it says. */
  async hear(): Promise<string> {
    return `${(await this.#lines.next()).value}`;
  }

  async command(word: string): Promise<string> {
    this.#process.stdin?.write(`${word}\n`);
    return await this.hear();
  }
}

/** A directory of the host that anybody may write, for a socket. */
function meetingPlace(t: Test): string {
  const place = temporaryDirectory(t);
  chmodSync(place, 0o777);
  return place;
}

interface Built {
  readonly status: string;
  readonly output: string;
  readonly log: string;
}

/** Builds a fixed output by a script that runs `smuggle` on it and ends with `code`. */
async function build(table: RunningTable, script: string, shown: readonly string[]): Promise<Built> {
  const env = { PATH: '/bin:/usr/bin' };
  const item = derivation({ name: 'fixed', builder: '/bin/sh', args: ['-c', script], outputHash, env });
  const target = await table.add(item);
  const log: Buffer[] = [];
  const options: RequestOptions = {
    sandboxPaths: [programs, ...shown].map((path) => ({ target: Buffer.from(path), source: Buffer.from(path) })),
  };
  const onItem = (event: SchedulerEvent) => {
    if (event.event === 'build-log') log.push(Buffer.from(event.data));
  };
  const { results } = await table.scheduler.call('realise', { targets: [target], mode: 'normal', options }, { onItem });
  const [result] = results;
  const { outputs } = await table.store.call('queryDerivationOutputs', { paths: [target.replace(/!.*/, '') as never] });
  return { status: `${result?.status}`, output: `${outputs[0]?.[0]?.path}`, log: `${Buffer.concat(log)}` };
}

t.test('S01, S02: no abstract socket of the host can be reached', async (t) => {
  const table = await startTable(t);
  const name = `@cooper-exfil-${process.pid}`;
  const intruder = new Intruder(t, name);
  t.equal(await intruder.hear(), 'listening');
  const { status, log } = await build(table, `echo hello, world > $out; ${smuggle} send ${name} $out`, []);
  t.equal(status, 'built');
  t.match(log, /^connect: (EPERM|ECONNREFUSED)$/m);
});

t.test('S01, S03: a held descriptor is not one of the item in the store', async (t) => {
  const table = await startTable(t);
  const place = meetingPlace(t);
  const intruder = new Intruder(t, `${place}/socket`);
  t.equal(await intruder.hear(), 'listening');
  const { status, output, log } = await build(table, `echo hello, world > $out; ${smuggle} send ${place}/socket $out`, [
    place,
  ]);
  t.equal(status, 'built', log);
  const [, inode] = (await intruder.hear()).split(' ');
  t.not(`${statSync(output).ino}`, inode, 'another inode');
  await intruder.command('write');
  t.equal(readFileSync(output, 'utf8'), contents);
  const { infos } = await table.store.call('queryPathInfos', { paths: [output as never] });
  t.equal(infos[0]?.path, output);
});

t.test('S03, S13: nor after a build that failed, and was done again by somebody honest', async (t) => {
  const table = await startTable(t);
  const place = meetingPlace(t);
  const intruder = new Intruder(t, `${place}/socket`);
  t.equal(await intruder.hear(), 'listening');
  const failed = await build(table, `echo hello, world > $out; ${smuggle} send ${place}/socket $out; exit 1`, [place]);
  t.not(failed.status, 'built');
  t.notOk(existsSync(failed.output), 'nothing is at the path of the output');
  const honest = await build(table, 'echo hello, world > $out', []);
  t.equal(honest.status, 'built');
  t.equal(honest.output, failed.output);
  await intruder.hear();
  await intruder.command('write');
  t.equal(readFileSync(honest.output, 'utf8'), contents);
});

t.test("S04: a program that is handed out does not make anybody the build's user", async (t) => {
  const table = await startTable(t);
  const place = meetingPlace(t);
  const intruder = new Intruder(t, `${place}/socket`);
  t.equal(await intruder.hear(), 'listening');
  const script = `cp ${smuggle} program; chmod 6755 program; chmod 6755 .
    echo hello, world > $out; ${smuggle} send ${place}/socket program`;
  const { status, log } = await build(table, `cd $TMPDIR; ${script}`, [place]);
  t.equal(status, 'built', log);
  await intruder.hear();
  const own = isRoot ? 20_001 : process.getuid?.();
  t.match(await intruder.command('run'), new RegExp(`^(euid ${own}|run: E[A-Z]+)$`));
});
