/** cooper-supervisor: starts the process table, wires it, keeps it running. */
import { commandLine, processTable } from '@cooper/config';
import { run } from '@cooper/process';
import { watchClients } from './shell/clients.ts';
import { rightsOf } from './shell/rights.ts';
import { takeRunDirectory } from './shell/run-directory.ts';
import { readSupervisorSettings } from './shell/settings.ts';
import { Supervision } from './shell/supervision.ts';

/** Another supervisor has the run directory: whoever started this one connects to that. */
const another = 75;

run('cooper-supervisor', async (context) => {
  const settings = readSupervisorSettings(context.args);
  const { run } = settings.directories;
  if (!takeRunDirectory(settings.directories, context.args)) return process.exit(another);
  const supervision = new Supervision({
    table: processTable,
    log: context.log,
    childSettings: (entry) => {
      const rights = rightsOf(entry);
      const words = [...commandLine(settings, entry.options), ...rights.words];
      return { run, log: context.log, wrapper: rights.wrapper, words };
    },
  });
  context.onStop(() => supervision.stop());
  await supervision.start();
  const clients = watchClients(`${run}/supervisor`, settings.linger, () => void context.stop());
  context.onStop(() => void clients.close());
});
