import { once } from 'node:events';
import { closeSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as pass } from 'node:timers/promises';
import t from 'tap';
import { makePipe } from './pipes.ts';
import { type ProcessStatus, startProcess, takeProcessEnd } from './processes.ts';

async function endOf(pid: number): Promise<ProcessStatus> {
  for (;;) {
    const end = takeProcessEnd(pid);
    if (end !== undefined) return end;
    await pass(5);
  }
}

const directory = t.testdir();

/** An executable that runs these lines of shell. */
function script(lines: string): string {
  const file = `${directory}/${Math.random().toString(36).slice(2)}`;
  writeFileSync(file, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return file;
}

/** Starts `program` with a pipe as its output. */
function start(program: string) {
  const pipe = makePipe();
  try {
    return { ...startProcess(program, pipe.write), read: pipe.read };
  } finally {
    closeSync(pipe.write);
  }
}

async function textOf(fd: number): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of new Socket({ fd, readable: true, writable: false })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

t.test('a process gets null, a pipe twice, a channel and nothing else, in /', async (t) => {
  const { pid, channel, read } = start(
    script('ls -l /proc/$$/fd | sed "s/.* \\([0-9]* ->\\)/\\1/"; pwd; env; grep SigBlk /proc/self/status; exit 3'),
  );
  const text = await textOf(read);
  t.match(text, /^0 -> \/dev\/null\n1 -> (pipe:\S+)\n/m);
  t.match(text, /^2 -> pipe:\S+$/m);
  t.match(text, /^3 -> socket:\S+$/m);
  t.match(text, /^\/\n/m);
  t.notMatch(text, /^HOME=/m);
  t.match(text, /^SigBlk:\t0+$/m);
  t.same(await endOf(pid), { exitCode: 3, signal: null });
  closeSync(channel);
});

t.test('the channel goes both ways, and a signal is told', async (t) => {
  const { pid, channel, read } = start(script('read line <&3; echo "got $line" >&3; kill -KILL $$'));
  t.equal(takeProcessEnd(pid), undefined, 'it runs');
  const socket = new Socket({ fd: channel });
  socket.write('word\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  t.equal(String(answer), 'got word\n');
  t.same(await endOf(pid), { exitCode: null, signal: 9 });
  socket.destroy();
  closeSync(read);
});

t.test('a program that is not there', async (t) => {
  const pipe = makePipe();
  t.throws(() => startProcess('/nonexistent', pipe.write), { code: 'ENOENT', syscall: 'posix_spawn' });
  closeSync(pipe.read);
  closeSync(pipe.write);
});

t.test('a process that is nobody of ours', async (t) => {
  t.throws(() => takeProcessEnd(1), { code: 'ECHILD', syscall: 'waitpid' });
});
