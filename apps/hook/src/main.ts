/** cooper-hook: builds by the reference's build hook, such as a stock `guix offload`. */
import { parseGiven, readSettings } from '@cooper/config';
import { buildAgentContract, storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { connect, serve } from '@cooper/ipc';
import { bugReporter } from '@cooper/log';
import { run } from '@cooper/process';
import { Hook } from './shell/service.ts';
import { hookSettings } from './shell/settings.ts';

run('cooper-hook', async (context) => {
  const uid = process.getuid?.() ?? 0;
  const settings = readSettings({ given: parseGiven(context.args), environment: process.env, uid });
  const channel = context.channel('store');
  if (channel === undefined) throw new Fault('invalid-option', 'the hook needs a store: --channel store=FD');
  const store = await connect(storeContract, channel, { client: context.name });
  const hook = new Hook(hookSettings(settings), store);
  context.onStop(() => hook.stop());
  const onBug = bugReporter(context.log);
  await context.serve('build-agent', (stream) => {
    return serve(buildAgentContract, hook.handlers, stream, { server: 'hook', onBug }).settled;
  });
});
