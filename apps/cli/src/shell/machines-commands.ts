/** The commands about other machines that do builds: `machines` and `machines check`. */
import { directoryOptions, type OptionName } from '@cooper/config';
import type { Command } from 'commander';
import { act } from './action.ts';
import { addSettings } from './setting-options.ts';

const settings = [...(Object.keys(directoryOptions) as OptionName[]), 'machines-file'] as const;

/** Adds them to `program`. */
export function addMachinesCommands(program: Command): void {
  const group = program
    .command('machines')
    .description('show the other machines that do builds, and how they fare')
    // It has settings, and so has the one below it: each takes what stands behind its name.
    .enablePositionalOptions()
    .option('--json', 'print it as JSON');
  act<{ json?: boolean }>(addSettings(group, settings), async ({ options, invocation }) =>
    (await import('./commands/machines.ts')).list(options, invocation),
  );
  const check = group
    .command('check')
    .description(
      'try them: whether they are reached, how they are, whose keys are believed, a build; exits with 1 when one fails',
    )
    .argument('[names...]', 'all of them, unless given')
    .option('--json', 'print each step as a line of JSON');
  act<{ json?: boolean }>(addSettings(check, settings), async ({ words, options, invocation }) =>
    (await import('./commands/machines.ts')).check(words, options, invocation),
  );
}
