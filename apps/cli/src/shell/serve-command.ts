/** The command `serve`: the items of the store, for others. */
import { directoryOptions, type OptionName } from '@cooper/config';
import type { Command } from 'commander';
import { act } from './action.ts';
import type { ServeOptions } from './commands/serve.ts';
import { addSettings } from './setting-options.ts';

/** Adds it to `program`. */
export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .description('serve the items of the store to other machines, over HTTP')
    .option('--listen <address>', 'where: [HOST:]PORT', 'localhost:8080')
    .option('--compression <method[:level]>', 'none, gzip, zstd, br or xz (repeatable; Nix takes the last one)', append)
    .option('--cache <directory>', 'keep what was compressed')
    .option('--cache-size <bytes>', 'how much of it')
    .option('--ttl <seconds>', 'how long clients may believe that something is there')
    .option('--negative-ttl <seconds>', 'how long, that something is not there')
    .option('--priority <number>', 'among the caches of a client of Nix: the lowest is asked first');
  const directories = Object.keys(directoryOptions) as OptionName[];
  act<ServeOptions>(addSettings(command.optionsGroup('Settings:'), directories), async ({ options, invocation }) =>
    (await import('./commands/serve.ts')).serve(options, invocation),
  );
}

function append(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
