/** cooper-substitute: fetches store items from caches. */
import { parseGiven, readSettings } from '@cooper/config';
import { fetchesSmall, substituteContract } from '@cooper/contracts';
import { serve } from '@cooper/ipc';
import { bugReporter } from '@cooper/log';
import { run } from '@cooper/process';
import { makeParts } from './shell/parts.ts';
import { preload } from './shell/preloading.ts';
import { handlers } from './shell/service.ts';

run('cooper-substitute', async (context) => {
  const settings = readSettings({
    given: parseGiven(context.args),
    environment: process.env,
    uid: process.getuid?.() ?? 0,
  });
  const parts = makeParts(settings, context.log);
  await preload(parts.decoders);
  context.dropPrivileges();
  context.onStop(() => parts.close());
  const onBug = bugReporter(context.log);
  await context.serve('substitute', (stream) => {
    return serve(substituteContract, handlers(parts), stream, { server: context.name, features: [fetchesSmall], onBug })
      .settled;
  });
});
