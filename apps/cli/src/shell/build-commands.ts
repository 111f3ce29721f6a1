/** The commands about builds: `build`, `log`, `ps` and `derivation`. */
import { buildOptions, directoryOptions, type OptionName } from '@cooper/config';
import type { Command } from 'commander';
import { act } from './action.ts';
import type { BuildCommandOptions } from './commands/build.ts';
import { addSettings } from './setting-options.ts';

const directories = Object.keys(directoryOptions) as OptionName[];

/** Adds them to `program`. */
export function addBuildCommands(program: Command): void {
  addBuild(program);
  addLog(program);
  addPs(program);
  addRequests(program);
  addDerivation(program);
  addWeather(program);
}

function addBuild(program: Command): void {
  const command = program
    .command('build')
    .description('build derivations, and print the paths of their outputs')
    .argument('[targets...]', 'derivations in the store, as PATH or PATH!OUTPUT; with --file, names that it exports')
    .option('-f, --file <file>', 'build what this recipe exports')
    .option('-n, --dry-run', 'say what would be built and fetched, and do nothing')
    .option('-r, --root <file>', 'make this link to what was built, which keeps it from deletion')
    .option('-k, --keep-going', 'go on with what does not depend on a failed build')
    .option('-K, --keep-failed', 'keep the directories of failed builds')
    .option('--detach', 'when this command is interrupted, the builds go on: see `cooper attach` and `cooper cancel`')
    .option('--fallback', 'build what cannot be fetched, although a cache has it')
    .option('--json', 'print what happens, one JSON object a line; the last one is the result')
    .option('-v, --verbose', 'show whole logs on a terminal, too')
    .addHelpText('after', exitStatusHelp)
    .optionsGroup('Settings:');
  addSettings(command, [...directories, ...(Object.keys(buildOptions) as OptionName[])]);
  act<BuildCommandOptions>(command, async ({ words, options, invocation }) =>
    (await import('./commands/build.ts')).build(words, options, invocation),
  );
}

const exitStatusHelp = `
Exit status:
  0    everything is built
  1    something is wrong with what was asked, or with an output
  100  a build has failed
  101  a build has taken too long, or has written too much`;

function addLog(program: Command): void {
  const command = program
    .command('log')
    .description('print the log of a build')
    .argument('<path>', 'the derivation, or something that it made')
    .option('-F, --follow', 'go on while it is being built');
  act<{ follow?: boolean }>(addSettings(command, directories), async ({ words: [path = ''], options, invocation }) =>
    (await import('./commands/log.ts')).log(path, options, invocation),
  );
}

function addPs(program: Command): void {
  const command = program
    .command('ps')
    .description('show what is being built, for whom, and what waits')
    .option('--json', 'print it as JSON');
  act<{ json?: boolean }>(addSettings(command, directories), async ({ options, invocation }) =>
    (await import('./commands/ps.ts')).ps(options, invocation),
  );
}

function addRequests(program: Command): void {
  const watch = program
    .command('watch')
    .description('show everything that goes on, live: builds, logs, and why something waits')
    .option('--json', 'print a line of JSON whenever something has changed');
  act<{ json?: boolean }>(addSettings(watch, directories), async ({ options, invocation }) =>
    (await import('./commands/watch.ts')).watch(options, invocation),
  );
  const cancel = program
    .command('cancel')
    .description('take back requests; what others want goes on')
    .argument('<requests...>', 'numbers that `cooper ps` shows');
  act(addSettings(cancel, directories), async ({ words, invocation }) =>
    (await import('./commands/requests.ts')).cancel(words, invocation),
  );
  const attach = program
    .command('attach')
    .description('follow a request to its end, and exit as its `cooper build` does')
    .argument('<request>', 'a number that `cooper ps` shows')
    .option('--json', 'print what happens, one JSON object a line; the last one is the result')
    .option('-v, --verbose', 'show whole logs on a terminal, too');
  act<{ json?: boolean; verbose?: boolean }>(
    addSettings(attach, directories),
    async ({ words: [request = ''], options, invocation }) =>
      (await import('./commands/requests.ts')).attach(request, options, invocation),
  );
}

function addDerivation(program: Command): void {
  const group = program.command('derivation').description('derivations as JSON');
  const show = group
    .command('show')
    .description('print derivations as JSON, each under its path')
    .argument('<paths...>', 'derivations, or outputs of them')
    .option('-r, --recursive', 'with all derivations that they need');
  act<{ recursive?: boolean }>(addSettings(show, directories), async ({ words, options, invocation }) =>
    (await import('./commands/derivation.ts')).show(words, options, invocation),
  );
  const add = group
    .command('add')
    .description('add the derivations in the JSON on standard input, as `show` prints it, and print their paths');
  act(addSettings(add, directories), async ({ invocation }) =>
    (await import('./commands/derivation.ts')).add(invocation),
  );
}

function addWeather(program: Command): void {
  const command = program
    .command('weather')
    .description('tell what of these the caches have, where, and how large it is')
    .argument('<paths...>', 'store items')
    .option('--json', 'print it as JSON')
    .optionsGroup('Settings:');
  const names = [...directories, 'substitute-urls', 'trusted-public-keys'] as const;
  act<{ json?: boolean }>(addSettings(command, names), async ({ words, options, invocation }) =>
    (await import('./commands/weather.ts')).weather(words, options, invocation),
  );
}
