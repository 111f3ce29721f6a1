/** cooper-store: the parts of the store, and the channels on which they are served. */
import { parseGiven, readSettings } from '@cooper/config';
import { storeContract } from '@cooper/contracts';
import { serve } from '@cooper/ipc';
import { run } from '@cooper/process';
import { readOwnOptions } from './shell/own-options.ts';
import { openParts } from './shell/parts.ts';
import { StoreService } from './shell/service.ts';

run('cooper-store', async (context) => {
  const { rest, ...own } = readOwnOptions(context.args);
  const given = parseGiven(rest);
  const settings = readSettings({ given, environment: process.env, uid: process.getuid?.() ?? 0 });
  const parts = await openParts(settings, own, context.log);
  context.onStop(() => parts.close());
  await context.serve('store', async (stream) => {
    const service = new StoreService(parts);
    const onBug = (error: unknown, call: string) =>
      context.log.error(`bug in ${call}: ${String((error as Error).stack)}`);
    const channel = serve(storeContract, service.handlers, stream, { server: context.name, onBug });
    await channel.settled;
    service.channelClosed();
  });
});
