/** cooper-store: the database, the parts of the store, and the channels on which they are served. */
import { mkdirSync } from 'node:fs';
import { parseGiven, readSettings } from '@cooper/config';
import { storeContract } from '@cooper/contracts';
import { serve } from '@cooper/ipc';
import { run } from '@cooper/process';
import { checkStoreDirectory } from '@cooper/store-path';
import { openDatabase } from './shell/database.ts';
import { openParts } from './shell/parts.ts';
import { StoreService } from './shell/service.ts';

run('cooper-store', async (context) => {
  const { directories } = readSettings({
    given: parseGiven(context.args),
    environment: process.env,
    uid: process.getuid?.() ?? 0,
  });
  checkStoreDirectory(directories.store);
  mkdirSync(directories.store, { recursive: true, mode: 0o755 });
  mkdirSync(directories.run, { recursive: true, mode: 0o700 });
  const connection = openDatabase(directories.database);
  context.onStop(() => void connection.close());
  const parts = await openParts(directories, connection);
  await context.serve('store', async (stream) => {
    const service = new StoreService(parts);
    const onBug = (error: unknown, call: string) =>
      context.log.error(`bug in ${call}: ${String((error as Error).stack)}`);
    const channel = serve(storeContract, service.handlers, stream, { server: context.name, onBug });
    await channel.closed;
    service.channelClosed(channel.id);
  });
});
