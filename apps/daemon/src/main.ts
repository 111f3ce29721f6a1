/** cooper-daemon: speaks Guix's worker protocol to clients, and the contracts of store and scheduler for them. */
import { schedulerContract, storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { connect } from '@cooper/ipc';
import { type ProcessContext, run } from '@cooper/process';
import { admitClients, endWithout } from './shell/front-door.ts';
import { MemoryBudget } from './shell/memory-budget.ts';
import type { Session } from './shell/session.ts';
import { readSiteSettings } from './shell/settings.ts';
import { Users } from './shell/users.ts';

run('cooper-daemon', async (context) => {
  const settings = readSiteSettings(context.args);
  const [storeStream, schedulerStream] = [channel(context, 'store'), channel(context, 'scheduler')];
  context.dropPrivileges();
  const client = { client: context.name };
  const store = await connect(storeContract, storeStream, client);
  const scheduler = await connect(schedulerContract, schedulerStream, client);
  const site = {
    ...settings,
    store,
    scheduler,
    users: new Users(),
    budget: new MemoryBudget(),
    endings: new Set<Promise<void>>(),
    sessions: new Set<Session>(),
    log: context.log,
  };
  for (const { closed } of [store, scheduler]) void closed.then(() => endWithout(context, site));
  await admitClients(context, site);
});

function channel(context: ProcessContext, name: string) {
  const stream = context.channel(name);
  if (stream === undefined) throw new Fault('invalid-option', `the daemon needs a ${name}: --channel ${name}=FD`);
  return stream;
}
