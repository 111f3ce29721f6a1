/** The commands about trust: `cooper key` and `cooper authorize`. They read and write files of CONFDIR, as Guix has them. */
import { directoryOptions, type OptionName } from '@cooper/config';
import type { Command } from 'commander';
import { act } from './action.ts';
import { addSettings } from './setting-options.ts';

const directories = Object.keys(directoryOptions) as OptionName[];

/** Adds them to `program`. */
export function addKeyCommands(program: Command): void {
  const group = program.command('key').description('the keys that this store signs with');
  const generate = group
    .command('generate')
    .description('make a pair of keys to sign substitutes and exports with')
    .option('--nix <name>', "make one of Nix's kind, with this name, beside that of Guix's kind");
  act<{ nix?: string }>(addSettings(generate, directories), async ({ options, invocation }) =>
    (await import('./commands/key.ts')).generate(options, invocation),
  );
  const authorize = program
    .command('authorize')
    .description('believe what this public key signs about substitutes and imports')
    .argument('[file]', 'where the key is; standard input unless given');
  act(addSettings(authorize, directories), async ({ words: [file], invocation }) =>
    (await import('./commands/key.ts')).authorizeKey(file, invocation),
  );
}
