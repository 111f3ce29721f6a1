/** cooper-store: the parts of the store, and the channels on which they are served. */
import { parseGiven, readSettings } from '@cooper/config';
import { run } from '@cooper/process';
import { serveStore } from './shell/channels.ts';
import { readOwnOptions } from './shell/own-options.ts';
import { openParts } from './shell/parts.ts';

run('cooper-store', async (context) => {
  const { rest, ...own } = readOwnOptions(context.args);
  const given = parseGiven(rest);
  const settings = readSettings({ given, environment: process.env, uid: process.getuid?.() ?? 0 });
  const parts = await openParts(settings, own, context.log);
  context.onStop(() => parts.close());
  await context.serve('store', (stream) => serveStore(parts, stream, context));
});
