/** Where clients come in. */
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessContext } from '@cooper/process';
import { identify } from './peer.ts';
import { Session } from './session.ts';
import type { Site } from './site.ts';

/** How long, in ms, a client may take to hear that nothing more comes. */
const patience = 1000;

/** Serves whoever comes to one of the process's listening sockets. */
export async function admitClients(context: ProcessContext, site: Site): Promise<void> {
  for (const name of context.listeners) {
    await context.listen(name, async (stream) => {
      const socket = stream as Socket;
      const peer = await identify(socket, site);
      site.log.info(`accepted connection from ${peer.name}`);
      const session = new Session(site, peer, socket);
      site.sessions.add(session);
      await session.serve().finally(() => site.sessions.delete(session));
    });
  }
}

/** Ends the daemon, which has lost the store or the scheduler. Clients that wait for an answer hear of it first. */
export function endWithout(context: ProcessContext, { sessions }: Site): Promise<void> {
  context.onStop(async () => {
    const answered = Promise.all(Array.from(sessions, (session) => session.answered()));
    await Promise.race([answered, delay(patience)]);
  });
  return context.stop(1);
}
