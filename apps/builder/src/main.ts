/** cooper-builder: builds on this machine. */
import { parseGiven, readSettings } from '@cooper/config';
import { buildAgentContract } from '@cooper/contracts';
import { serve } from '@cooper/ipc';
import { bugReporter } from '@cooper/log';
import { run } from '@cooper/process';
import { cleanUp } from './shell/cleaning.ts';
import { Builds } from './shell/service.ts';
import { openWorkshop } from './shell/workshop.ts';

run('cooper-builder', async (context) => {
  const uid = process.getuid?.() ?? 0;
  const settings = readSettings({ given: parseGiven(context.args), environment: process.env, uid });
  const workshop = openWorkshop(settings, process.env['TMPDIR'] || '/tmp', context.log);
  await cleanUp(workshop);
  const builds = new Builds(workshop);
  context.onStop(() => builds.stop());
  const onBug = bugReporter(context.log);
  await context.serve('build-agent', (stream) => {
    return serve(buildAgentContract, builds.handlers, stream, { server: 'builder', features: ['local'], onBug })
      .settled;
  });
});
