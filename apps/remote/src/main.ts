/** cooper-remote: builds for another machine, which talks to it over standard input and output. */
import { remoteContract, schedulerContract, storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { connect, serve } from '@cooper/ipc';
import { bugReporter } from '@cooper/log';
import { type ProcessContext, run } from '@cooper/process';
import { describeMachine } from './shell/machine.ts';
import { RemoteService } from './shell/service.ts';
import { readRemoteSettings } from './shell/settings.ts';

run('cooper-remote', async (context) => {
  const settings = readRemoteSettings(context.args);
  const machine = describeMachine(settings);
  const channels = { store: channel(context, 'store'), scheduler: channel(context, 'scheduler') };
  context.dropPrivileges();
  const client = { client: context.name };
  const store = await connect(storeContract, channels.store, client);
  const scheduler = await connect(schedulerContract, channels.scheduler, client);
  for (const { closed } of [store, scheduler]) void closed.then(() => context.stop(1));
  const { handlers } = new RemoteService({ settings, machine, store, scheduler });
  const onBug = bugReporter(context.log);
  await context.serve(
    'remote',
    (stream) => serve(remoteContract, handlers, stream, { server: 'remote', onBug }).settled,
  );
});

function channel(context: ProcessContext, name: string) {
  const stream = context.channel(name);
  if (stream === undefined) throw new Fault('invalid-option', `cooper-remote needs a ${name}: --channel ${name}=FD`);
  return stream;
}
