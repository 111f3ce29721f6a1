/** The commands for those who try, or replace, one process: `cooper call` and `cooper conformance`. */
import { type OptionName, options } from '@cooper/config';
import type { Command } from 'commander';
import { act } from './action.ts';
import { addSettings } from './setting-options.ts';

/** Adds them to `program`. */
export function addPartCommands(program: Command): void {
  const call = program
    .command('call')
    .description('make one call of a contract, with parameters and answer in JSON')
    .argument('<contract>', 'store, scheduler, build-agent or substitute')
    .argument('<method>', 'a call of the contract')
    .argument('[params]', 'JSON; bytes are strings, or {"base64": "…"}')
    .argument('[command...]', 'behind --: a program that serves the contract on its standard input and output')
    .option('--send <file>', 'send this for the ticket that the call gives (-: standard input)')
    .option('--receive <file>', 'write what the ticket that the call gives brings to this file (-: standard output)');
  type Options = { readonly send?: string; readonly receive?: string };
  act<Options>(addSettings(call, Object.keys(options) as OptionName[]), async ({ words, options, invocation }) => {
    const { call } = await import('./commands/call.ts');
    const [contract = '', method = '', ...rest] = words;
    // Without parameters, what follows is the command.
    const hasParams = rest[0]?.trimStart().startsWith('{') === true;
    const [params, command] = hasParams ? [rest[0], rest.slice(1)] : [undefined, rest];
    const { send, receive } = options;
    return call({ contract, method, params, command, send, receive }, invocation);
  });
  program
    .command('conformance')
    .description('try whether a program does what a contract says: cooper conformance CONTRACT -- COMMAND…')
    .allowUnknownOption()
    .helpOption(false)
    .argument('<words...>')
    .action(async () => {
      const { conformance } = await import('./commands/conformance.ts');
      process.exitCode = await conformance(process.argv.slice(process.argv.indexOf('conformance') + 1));
    });
}
