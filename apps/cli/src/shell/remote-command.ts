/** The command `remote`: this machine, for another that has it build. */
import { directoryOptions, type OptionName } from '@cooper/config';
import type { Command } from 'commander';
import { act } from './action.ts';
import { addSettings } from './setting-options.ts';

/** Adds it to `program`. */
export function addRemoteCommand(program: Command): void {
  const command = program
    .command('remote')
    .description('build for another machine, which speaks through standard input and output: it starts this by ssh');
  const directories = Object.keys(directoryOptions) as OptionName[];
  act(addSettings(command.optionsGroup('Settings:'), directories), async ({ invocation }) =>
    (await import('./commands/remote.ts')).remote(invocation),
  );
}
