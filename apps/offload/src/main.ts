/** cooper-offload: has builds done by other machines. */
import { parseGiven, readSettings } from '@cooper/config';
import { buildAgentContract, machinesContract, storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { connect, serve } from '@cooper/ipc';
import { bugReporter } from '@cooper/log';
import { run } from '@cooper/process';
import { readMachines } from './shell/fleet.ts';
import { Keys } from './shell/keys.ts';
import { MachinesService } from './shell/machines-service.ts';
import { makeParts } from './shell/parts.ts';
import { Offload } from './shell/service.ts';
import { offloadSettings } from './shell/settings.ts';

run('cooper-offload', async (context) => {
  const uid = process.getuid?.() ?? 0;
  const settings = offloadSettings(readSettings({ given: parseGiven(context.args), environment: process.env, uid }));
  const channel = context.channel('store');
  if (channel === undefined) throw new Fault('invalid-option', 'offload needs a store: --channel store=FD');
  const keys = new Keys(settings.ownDirectory, settings.standardKey);
  const machines = readMachines({ file: settings.machinesFile, ...settings });
  for (const machine of machines.machines) keys.read(machine);
  context.dropPrivileges();
  const { log, name } = context;
  const store = await connect(storeContract, channel, { client: name });
  const parts = makeParts({ settings, machines, keys, store, log });
  context.onStop(() => parts.fleet.close());
  const service = new Offload(parts);
  const onBug = bugReporter(log);
  const operators = new MachinesService(parts, store);
  await context.listen('machines', (stream) => {
    return serve(machinesContract, operators.handlers, stream, { server: name, onBug }).settled;
  });
  await context.serve('build-agent', (stream) => {
    return serve(buildAgentContract, service.handlers, stream, { server: 'offload', onBug }).settled;
  });
});
