/** `cooper remote`: what builds for another machine, beside the processes of the store, until that machine goes. */
import { spawn } from 'node:child_process';
import { commandLine, directoryOptions, type OptionName, remoteCommand } from '@cooper/config';
import { descriptorOf } from '@cooper/process';
import { commandAs, dial, ended, unprivilegedUser } from '../companion.ts';
import { withTable } from '../session.ts';
import { type Invocation, readForUser } from '../setting-options.ts';

/** What it has to know of the machine. */
const told: readonly OptionName[] = [...(Object.keys(directoryOptions) as OptionName[]), 'system', 'system-features'];

/** Serves until standard input ends; gives the exit status. */
export function remote(invocation: Invocation): Promise<number> {
  return withTable(invocation, async (table) => {
    // Once they answer, their sockets are there to be connected to.
    await Promise.all([table.store(), table.scheduler()]);
    const { run } = invocation.settings.directories;
    const channels = await Promise.all([dial(`${run}/store`), dial(`${run}/scheduler`)]);
    const words = [
      ...commandLine(readForUser(table.settings), told),
      ...['--lifeline=3', '--channel=store=4', '--channel=scheduler=5'],
    ];
    const [program = '', ...rest] = commandAs(unprivilegedUser(), [...remoteCommand, ...words]);
    const stdio = ['inherit', 'inherit', 'inherit', 'pipe', ...channels.map(descriptorOf)] as const;
    const child = spawn(program, rest, { cwd: '/', stdio: [...stdio] });
    for (const channel of channels) channel.destroy();
    return ended(child);
  });
}
