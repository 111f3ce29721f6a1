/** A private network that the caller attaches to the outside: the builder waits for it. */
import type { Duplex } from 'node:stream';
import t from 'tap';
import { frame, launcherPath, start } from './launch.ts';
import { reasonToSkip, rootOwner, Sandbox, userOwner } from './sandbox.ts';

for (const owner of [userOwner, rootOwner]) {
  const skip = reasonToSkip(owner);

  for (const [title, answer, exitCode] of [
    ['an answer lets the builder run', 'y', 7],
    ['without one it does not', '', 73],
  ] as const) {
    t.test(`${owner.kind}: ${title}`, { skip }, async (test) => {
      const sandbox = new Sandbox(owner);
      test.teardown(() => sandbox.remove());
      const run = { program: 'act', args: ['exit', '7'], sandbox: { awaitNetwork: true } };
      const child = start([launcherPath], sandbox.options());
      test.teardown(() => child.kill('SIGKILL'));
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const channel = child.stdio[3] as Duplex;
      channel.on('error', () => channel.destroy());
      channel.write(frame(sandbox.specification(run)));
      const question = await new Promise<Buffer>((resolve) => channel.once('data', resolve));
      test.same([...question], [0, 0, 0, 0]);
      channel.end(answer);
      test.equal(await ended, exitCode);
    });
  }
}
