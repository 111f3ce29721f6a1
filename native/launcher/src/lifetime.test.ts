/** Who dies with whom. Processes are found by what /proc says of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { frame, launcherPath, start } from './launch.ts';
import { bytes, type Owner, type Run, reasonToSkip, rootOwner, Sandbox, userOwner } from './sandbox.ts';

const owners = [userOwner, rootOwner];
const parentProgram = fileURLToPath(new URL('../build/test/lasting-parent', import.meta.url));

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH')
      return false;
    throw error;
  }
}

async function isGone(pid: number): Promise<boolean> {
  for (let waited = 0; waited < 5000 && isAlive(pid); waited += 20) await sleep(20);
  return !isAlive(pid);
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number);
}

/** Processes with a certain argument, which no other test uses. */
function processesWith(argument: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes(argument) && isAlive(pid);
      } catch {
        return false;
      }
    });
}

/** Starts a builder that sleeps; resolves when it says that it is ready. */
async function startSleeper(test: Test, owner: Owner, changes: Partial<Run> = {}): Promise<ChildProcess> {
  const sandbox = new Sandbox(owner);
  test.teardown(() => sandbox.remove());
  const child = start([launcherPath], sandbox.options());
  test.teardown(() => child.kill('SIGKILL'));
  (child.stdio[3] as Duplex).write(frame(sandbox.specification({ program: 'act', args: ['sleep'], ...changes })));
  await new Promise((resolve) => (child.stdout as Readable).once('data', resolve));
  return child;
}

for (const owner of owners) {
  const skip = reasonToSkip(owner);

  t.test(`${owner.kind}: a killed launcher takes the builder with it`, { skip }, async (test) => {
    const child = await startSleeper(test, owner);
    const [builder = 0] = childrenOf(child.pid ?? 0);
    test.ok(isAlive(builder));
    child.kill('SIGKILL');
    test.ok(await isGone(builder));
  });

  t.test(`${owner.kind}: the launcher holds nothing but its lifeline`, { skip }, async (test) => {
    const child = await startSleeper(test, owner);
    test.equal(readdirSync(`/proc/${child.pid}/fd`).length, 1);
  });

  t.test(`${owner.kind}: S34 nothing outlives the builder`, { skip }, async (test) => {
    const sandbox = new Sandbox(owner);
    test.teardown(() => sandbox.remove());
    const mark = `orphan-${process.pid}-${owner.kind}`;
    const ended = await sandbox.run({ program: 'act', args: ['orphan', mark] });
    test.match(ended, { exitCode: 0, report: undefined });
    test.strictSame(processesWith(mark), []);
  });
}

/** Runs a launcher below a parent that is killed then, and says whether the builder went on. */
async function survivesParent(test: Test, dieWithParent: boolean): Promise<boolean> {
  const sandbox = new Sandbox(rootOwner);
  test.teardown(() => sandbox.remove());
  const parent = spawn(parentProgram, [launcherPath], { stdio: ['pipe', 'pipe', 'inherit'] });
  const top = { dieWithParent, environment: [bytes('A=B')] };
  parent.stdin.write(frame(sandbox.specification({ program: 'act', args: ['sleep'], top })));
  const said = await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve));
  test.match(said.toString(), 'ready');
  const [launcher = 0] = childrenOf(parent.pid ?? 0);
  const [builder = 0] = childrenOf(launcher);
  parent.kill('SIGKILL');
  await isGone(parent.pid ?? 0);
  const survived = dieWithParent ? !(await isGone(builder)) : isAlive(builder);
  if (survived) process.kill(launcher, 'SIGKILL');
  test.ok(await isGone(builder), 'nothing is left behind');
  return survived;
}

t.test(
  'a killed caller takes the launcher with it, unless told otherwise',
  { skip: reasonToSkip(rootOwner) },
  async (test) => {
    test.equal(await survivesParent(test, true), false);
    test.equal(await survivesParent(test, false), true);
  },
);
