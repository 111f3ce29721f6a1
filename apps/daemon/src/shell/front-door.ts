/** Where clients come in. */
import type { Socket } from 'node:net';
import type { ProcessContext } from '@cooper/process';
import { identify } from './peer.ts';
import { Session } from './session.ts';
import type { Site } from './site.ts';

/** Serves whoever comes to one of the process's listening sockets. */
export async function admitClients(context: ProcessContext, site: Site): Promise<void> {
  for (const name of context.listeners) {
    await context.listen(name, async (stream) => {
      const socket = stream as Socket;
      const peer = await identify(socket, site);
      site.log.info(`accepted connection from ${peer.name}`);
      await new Session(site, peer, socket).serve();
    });
  }
}
