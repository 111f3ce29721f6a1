/** What clients hear when the daemon loses the store or the scheduler: one clear error; the next connection is served. */
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkerClient } from '@cooper/worker-client';
import t from 'tap';
import { addGraph, build, graphOf, shell } from './graphs.ts';
import { RunningDaemon } from './running-daemon.ts';

// Many processes start here, on machines that may be busy.
t.setTimeout(280_000);

for (const lost of ['scheduler', 'store']) {
  t.test(`the ${lost} is killed while a client waits`, async (t) => {
    const daemon = new RunningDaemon(t);
    const client = await daemon.connect();
    const item = shell('long', 'echo begun >&2; sleep 100');
    const targets = await addGraph(client, graphOf(daemon.storeDir, [item]), [item]);
    const outcome = build(client, targets);
    await delay(500);
    // The kernel keeps 15 letters of a name.
    const victim = daemon.processes().get(`cooper-${lost}`.slice(0, 15));
    if (victim === undefined) throw new Error(`there is no ${lost}`);
    process.kill(victim, 'SIGKILL');
    const { error } = await outcome;
    t.match(error?.message, /^the (store|scheduler) process of the daemon has ended; it is being started again$/);
    const next = await reconnect(daemon);
    const quick = shell('quick', 'echo > $out');
    const graph = graphOf(daemon.storeDir, [quick]);
    t.equal((await build(next, await addGraph(next, graph, [quick]))).error, undefined);
    t.equal(await daemon.stop(), 0);
  });
}

/** Until all processes are there again, nobody listens. */
async function reconnect(daemon: RunningDaemon): Promise<WorkerClient> {
  for (let tries = 0; ; tries++) {
    try {
      return await daemon.connect();
    } catch (error) {
      if (tries > 400) throw error;
      await delay(50);
    }
  }
}
