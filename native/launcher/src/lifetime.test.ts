/** Who dies with whom. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { frame, launcherPath, start } from './launch.ts';
import { childrenOf, descriptorsOf, familyOf, isAlive, isGone, processesWith } from './processes.ts';
import { bytes, type Owner, reasonToSkip, rootOwner, Sandbox, userOwner } from './sandbox.ts';

const owners = [userOwner, rootOwner];
const parentProgram = fileURLToPath(new URL('../build/test/lasting-parent', import.meta.url));

/** What should be gone must not outlive a test that finds it there. */
function killAll(pids: readonly number[]): void {
  for (const pid of pids) if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
}

/** Starts a builder that goes on until it is killed; resolves when it says that it is ready. */
async function startLasting(test: Test, owner: Owner, verb: string): Promise<ChildProcess> {
  const sandbox = new Sandbox(owner);
  test.teardown(() => sandbox.remove());
  const child = start([launcherPath], sandbox.options());
  test.teardown(() => child.kill('SIGKILL'));
  (child.stdio[3] as Duplex).write(frame(sandbox.specification({ program: 'act', args: [verb] })));
  await new Promise((resolve) => (child.stdout as Readable).once('data', resolve));
  const { guard, builder } = familyOf(child.pid);
  test.teardown(() => killAll([guard, builder]));
  return child;
}

for (const owner of owners) {
  const skip = reasonToSkip(owner);

  for (const verb of ['sleep', 'detach'])
    t.test(`${owner.kind}: a killed launcher takes a builder with it that does "${verb}"`, { skip }, async (test) => {
      const child = await startLasting(test, owner, verb);
      const { guard, builder } = familyOf(child.pid);
      test.ok(isAlive(guard) && isAlive(builder));
      child.kill('SIGKILL');
      test.ok((await isGone(guard)) && (await isGone(builder)));
    });

  t.test(
    `${owner.kind}: a killed guard ends everything, and the launcher by the same signal`,
    { skip },
    async (test) => {
      const child = await startLasting(test, owner, 'detach');
      const { guard, builder } = familyOf(child.pid);
      const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
      process.kill(guard, 'SIGKILL');
      test.equal(await ended, 'SIGKILL');
      test.ok(await isGone(builder));
    },
  );

  t.test(`${owner.kind}: launcher and guard hold little`, { skip }, async (test) => {
    const child = await startLasting(test, owner, 'sleep');
    const { guard } = familyOf(child.pid);
    // They let go of the rest when the builder is on its way, which may speak before they have.
    // The guard keeps its lifeline, and what changes of modes need: their channel, /proc, and the builder.
    const holdLittle = () => descriptorsOf(child.pid) === 1 && descriptorsOf(guard) <= 4;
    for (const deadline = Date.now() + 10_000; !holdLittle() && Date.now() < deadline; ) await delay(20);
    test.equal(descriptorsOf(child.pid), 1);
    test.ok(descriptorsOf(guard) <= 4);
  });

  t.test(`${owner.kind}: S34 nothing outlives the builder`, { skip }, async (test) => {
    const sandbox = new Sandbox(owner);
    test.teardown(() => sandbox.remove());
    const mark = `orphan-${process.pid}-${owner.kind}`;
    const ended = await sandbox.run({ program: 'act', args: ['orphan', mark] });
    test.match(ended, { exitCode: 0, report: undefined });
    test.strictSame(processesWith(mark), []);
  });

  t.test(`${owner.kind}: exit codes and signals come through the guard`, { skip }, async (test) => {
    for (const exitCode of [0, 3, 255]) {
      const sandbox = new Sandbox(owner);
      test.teardown(() => sandbox.remove());
      test.match(await sandbox.run({ program: 'act', args: ['exit', String(exitCode)] }), { exitCode, signal: null });
    }
    const child = await startLasting(test, owner, 'sleep');
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    process.kill(familyOf(child.pid).builder, 'SIGKILL');
    test.equal(await ended, 'SIGKILL');
  });
}

t.test('without a sandbox a killed launcher takes the builder with it', async (test) => {
  const act = fileURLToPath(new URL('../build/test/act', import.meta.url));
  const ids = { uid: null, gid: null, groups: null, sandbox: null };
  const command = { builder: bytes(act), args: [bytes('act'), bytes('sleep')], workingDirectory: bytes('/') };
  const child = start([launcherPath]);
  test.teardown(() => child.kill('SIGKILL'));
  (child.stdio[3] as Duplex).write(frame({ version: 1, environment: [], ...command, ...ids }));
  await new Promise((resolve) => (child.stdout as Readable).once('data', resolve));
  const [builder = 0] = childrenOf(child.pid ?? 0);
  test.teardown(() => killAll([builder]));
  test.ok(descriptorsOf(child.pid) <= 4);
  test.ok(isAlive(builder));
  child.kill('SIGKILL');
  test.ok(await isGone(builder));
});

/** Runs a launcher below a parent that is killed then, and says whether the builder went on. */
async function survivesParent(test: Test, dieWithParent: boolean): Promise<boolean> {
  const sandbox = new Sandbox(rootOwner);
  test.teardown(() => sandbox.remove());
  const parent = spawn(parentProgram, [launcherPath], { stdio: ['pipe', 'pipe', 'inherit'] });
  parent.stdin.write(frame(sandbox.specification({ program: 'act', args: ['sleep'], top: { dieWithParent } })));
  const said = await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve));
  test.match(said.toString(), 'ready');
  const [launcher = 0] = childrenOf(parent.pid ?? 0);
  const { builder } = familyOf(launcher);
  test.teardown(() => killAll([launcher, builder]));
  parent.kill('SIGKILL');
  await isGone(parent.pid ?? 0);
  const survived = dieWithParent ? !(await isGone(builder)) : isAlive(builder);
  if (survived) process.kill(launcher, 'SIGKILL');
  test.ok(await isGone(builder), 'nothing is left behind');
  return survived;
}

const skipRoot = reasonToSkip(rootOwner);
t.test('a killed caller takes the launcher with it, unless told otherwise', { skip: skipRoot }, async (test) => {
  test.equal(await survivesParent(test, true), false);
  test.equal(await survivesParent(test, false), true);
});
