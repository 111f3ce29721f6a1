/** cooper-publish: serves the items of a store to substitute agents, over HTTP. */
import type { Socket } from 'node:net';
import { storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { connect } from '@cooper/ipc';
import { run } from '@cooper/process';
import { CompressedFiles } from './shell/compressed-files.ts';
import { Connections } from './shell/connections.ts';
import { readPublishOptions } from './shell/options.ts';
import { makeServer } from './shell/server.ts';
import { SignedHeads } from './shell/signed-heads.ts';

run('cooper-publish', async (context) => {
  const options = readPublishOptions(context.args);
  const stream = context.channel('store');
  if (stream === undefined) throw new Fault('invalid-option', 'the server needs a store: --channel store=FD');
  context.dropPrivileges();
  const store = await connect(storeContract, stream, { client: context.name });
  void store.closed.then(() => context.stop(1));
  const report = (problem: string) => context.log.warning(problem);
  const { cache, cacheSize: limit } = options;
  const files = cache === undefined ? undefined : new CompressedFiles(cache, { limit, report });
  await files?.clean();
  const connections = new Connections(
    makeServer({ options, store, heads: new SignedHeads(store), files }, context.log),
  );
  await context.listen('http', (socket) => connections.serve(socket as Socket));
});
