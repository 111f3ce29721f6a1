/** The commands about what lives and what it takes: `gc`, `roots`, `why`, `size`, and some of `store`. */
import { buildOptions, directoryOptions, type OptionName } from '@cooper/config';
import type { Command } from 'commander';
import { act } from './action.ts';
import type { SizeOptions } from './commands/closures.ts';
import type { GcOptions } from './commands/gc.ts';
import { addSettings } from './setting-options.ts';

const directories = Object.keys(directoryOptions) as OptionName[];
const buildSettings = [...directories, ...(Object.keys(buildOptions) as OptionName[])];
const jsonText = 'print JSON, one object a line';

/** Adds them to `program`, and those of the store to its group. */
export function addUpkeepCommands(program: Command): void {
  addGc(program);
  addRoots(program);
  addClosures(program);
  const group = program.commands.find((command) => command.name() === 'store');
  if (group === undefined) throw new Error('the commands of the store come first');
  addStoreUpkeep(group);
}

function addGc(program: Command): void {
  const command = program
    .command('gc')
    .description('delete what nothing keeps any more')
    .option('--print-live', 'print what is kept, and delete nothing')
    .option('--print-dead', 'print what nothing keeps, and delete nothing')
    .option('--print-roots', 'print what keeps items, and delete nothing')
    .option('--max-freed <size>', 'stop once so much is freed: `10G`')
    .option('--delete <paths...>', 'delete these items and what refers to them, unless something keeps them')
    .option(
      '--delete-older-than <age>',
      'first remove generations of your profiles out of use for so long: `30d`, `2w`, `3m`',
    )
    .option('-v, --verbose', 'print what is deleted')
    .option('--json', jsonText);
  act<GcOptions>(addSettings(command, directories), async ({ options, invocation }) =>
    (await import('./commands/gc.ts')).gc(options, invocation),
  );
}

function addRoots(program: Command): void {
  const group = program
    .command('roots')
    .description('what keeps store items from deletion')
    // It has settings, and so have those below it: each takes what stands behind its name.
    .enablePositionalOptions()
    .option('--json', jsonText);
  act<{ json?: boolean }>(addSettings(group, directories), async ({ options, invocation }) =>
    (await import('./commands/roots.ts')).list(options, invocation),
  );
  const add = group
    .command('add')
    .description('keep what these symbolic links point to, for as long as they do')
    .argument('<links...>');
  act(addSettings(add, directories), async ({ words, invocation }) =>
    (await import('./commands/roots.ts')).add(words, invocation),
  );
}

function addClosures(program: Command): void {
  const why = program
    .command('why')
    .description('print the shortest way by which one item needs another')
    .argument('<item>')
    .argument('<needed>')
    .option('--graph', 'print it as a graph for Graphviz')
    .option('--json', jsonText);
  act<{ json?: boolean }>(addSettings(why, directories), async ({ words: [from = '', to = ''], options, invocation }) =>
    (await import('./commands/closures.ts')).why(from, to, options, invocation),
  );
  const size = program
    .command('size')
    .description('print what items, and all that they need, take')
    .argument('<items...>')
    .option('--svg <file>', 'draw a treemap; `-` is standard output')
    .option('--graph', 'print it as a graph for Graphviz')
    .option('--json', jsonText);
  act<SizeOptions>(addSettings(size, directories), async ({ words, options, invocation }) =>
    (await import('./commands/closures.ts')).size(words, options, invocation),
  );
}

function addStoreUpkeep(group: Command): void {
  const diff = group
    .command('diff')
    .description('print how two items, with all that they need, differ; exits with 1 when they do')
    .argument('<before>')
    .argument('<after>')
    .option('--json', jsonText);
  act<{ json?: boolean }>(
    addSettings(diff, directories),
    async ({ words: [before = '', after = ''], options, invocation }) =>
      (await import('./commands/closures.ts')).diff(before, after, options, invocation),
  );
  const verify = group
    .command('verify')
    .description('hold the database against the disk; exits with 1 when anything is wrong')
    .option('--contents', 'hash the contents of every item')
    .option('--json', jsonText);
  act<{ json?: boolean }>(addSettings(verify, directories), async ({ options, invocation }) =>
    (await import('./commands/store-upkeep.ts')).verify(options, invocation),
  );
  const repair = group
    .command('repair')
    .description('replace what is corrupt or missing, by a substitute or by building it again')
    .argument('[paths...]', 'what to replace; all that a verification finds, unless given')
    .option('--json', jsonText);
  act<{ json?: boolean }>(addSettings(repair, buildSettings), async ({ words, options, invocation }) =>
    (await import('./commands/store-upkeep.ts')).repair(words, options, invocation),
  );
  addShrinking(group);
}

function addShrinking(group: Command): void {
  const texts = {
    optimise: 'have equal files of the store share their blocks',
    vacuum: 'check the database and make its file as small as can be',
  } as const;
  for (const name of ['optimise', 'vacuum'] as const) {
    const command = group.command(name).description(texts[name]).option('--json', jsonText);
    act<{ json?: boolean }>(addSettings(command, directories), async ({ options, invocation }) =>
      (await import('./commands/store-upkeep.ts'))[name](options, invocation),
    );
  }
}
