/** The commands about the store: everything below `cooper store`. */
import { directoryOptions, type OptionName } from '@cooper/config';
import { hashAlgorithms } from '@cooper/hash';
import { type Command, Option } from 'commander';
import { questionTexts } from '../core/store-questions.ts';
import { act } from './action.ts';
import type { AddOptions } from './commands/store-add.ts';
import type { HashOptions } from './commands/store-archive.ts';
import { addSettings } from './setting-options.ts';

const directories = Object.keys(directoryOptions) as OptionName[];

/** Adds them to `program`. */
export function addStoreCommands(program: Command): void {
  const group = program.command('store').description('store items: add, read, query, exchange');
  addAdding(group);
  addQuery(group);
  addArchives(group);
  addExchange(group);
}

function addAdding(group: Command): void {
  const add = group
    .command('add')
    .description('copy files and trees into the store, and print their paths')
    .argument('<files...>')
    .option('--name <name>', 'the name of the store item; that of the file unless given')
    .option('--flat', 'take one regular file by its contents alone');
  act<AddOptions>(addSettings(add, directories), async ({ words, options, invocation }) =>
    (await import('./commands/store-add.ts')).add(words, options, invocation),
  );
  const text = group
    .command('add-text')
    .description('make a store item of a text, and print its path')
    .argument('<name>', 'its name; that of a derivation ends in .drv')
    .argument('[file]', 'where the text is; standard input unless given')
    .option('--reference <path>', 'a store item that the text names (repeatable)', append);
  act<{ reference?: string[] }>(
    addSettings(text, directories),
    async ({ words: [name = '', file], options, invocation }) =>
      (await import('./commands/store-add.ts')).addText(name, file, options, invocation),
  );
}

function addQuery(group: Command): void {
  const query = group
    .command('query')
    .description('answer one question about store items, a line for each thing')
    .argument('<paths...>');
  for (const [name, text] of Object.entries(questionTexts)) query.option(`--${name}`, text);
  act<Record<string, boolean>>(addSettings(query, directories), async ({ words, options, invocation }) =>
    (await import('./commands/store-query.ts')).query(words, options, invocation),
  );
}

function addArchives(group: Command): void {
  const dump = group
    .command('dump')
    .description('write a file or tree to standard output, as a NAR')
    .argument('<path>');
  act(dump, async ({ words: [path = ''] }) => (await import('./commands/store-archive.ts')).dump(path));
  const restore = group
    .command('restore')
    .description('make the file or tree that the NAR on standard input says')
    .argument('<path>', 'where; nothing may be there');
  act(restore, async ({ words: [path = ''] }) => (await import('./commands/store-archive.ts')).restore(path));
  const hash = group
    .command('hash')
    .description('print the hash of files and trees, as NARs')
    .argument('<paths...>')
    .option('--flat', 'hash the contents of regular files instead')
    .addOption(new Option('--algorithm <name>', 'the algorithm').choices(hashAlgorithms).default('sha256'))
    .addOption(
      new Option('--format <form>', 'how it is written')
        .choices(['base16', 'base32', 'base64', 'sri'])
        .default('base32'),
    );
  act<HashOptions>(hash, async ({ words, options }) =>
    (await import('./commands/store-archive.ts')).hash(words, options),
  );
}

function addExchange(group: Command): void {
  const output = group
    .command('export')
    .description('write store items to standard output, in the format of `nix-store --export`')
    .argument('<paths...>')
    .option('-r, --requisites', 'with everything that they need')
    .option('--sign', "with signatures of the store's key, as `guix archive --export` writes them");
  act<{ requisites?: boolean; sign?: boolean }>(
    addSettings(output, directories),
    async ({ words, options, invocation }) =>
      (await import('./commands/store-exchange.ts')).exportPaths(words, options, invocation),
  );
  const input = group
    .command('import')
    .description('take in the store items on standard input, and print their paths')
    .option('--allow-unsigned', 'take in what no one has signed; only for the owner of the store');
  act<{ allowUnsigned?: boolean }>(addSettings(input, directories), async ({ options, invocation }) =>
    (await import('./commands/store-exchange.ts')).importPaths(options, invocation),
  );
}

function append(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
