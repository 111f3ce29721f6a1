/** cooper-supervisor: starts the process table, wires it, keeps it running. */
import { exitCodes, type ProcessContext, run } from '@cooper/process';
import { childSettings } from './shell/child-settings.ts';
import { watchClients } from './shell/clients.ts';
import { makeOwnDirectories } from './shell/own-directories.ts';
import { leaveRunDirectory, takeRunDirectory } from './shell/run-directory.ts';
import { readSupervisorSettings } from './shell/settings.ts';
import { Supervision } from './shell/supervision.ts';

/** In ms: the processes are stopped one after the other, each with five seconds of its own. */
const patience = 20_000;

const nothingToReload = 'keys are read anew whenever their files change: there is nothing to reload';

async function supervise(context: ProcessContext): Promise<void> {
  const { log } = context;
  const settings = readSupervisorSettings(context.args);
  if (!(await takeRunDirectory(settings))) {
    if (settings.linger === null) log.error(`another supervisor serves ${settings.directories.state}`);
    return process.exit(exitCodes.another);
  }
  const { run } = settings.directories;
  makeOwnDirectories(settings);
  const supervision = new Supervision({
    table: settings.processes,
    log,
    persistent: settings.linger === null,
    childSettings: childSettings(settings, log),
    onHopeless: (code) => void context.stop(code),
  });
  if (settings.linger === null) context.onHangup(() => log.info(nothingToReload));
  context.onStop(() => leaveRunDirectory(settings));
  context.onStop(() => supervision.stop());
  await supervision.start();
  const clients = await watchClients(`${run}/supervisor`, settings.linger, () => void context.stop());
  context.onStop(() => clients.close());
}

run('cooper-supervisor', supervise, { patience });
