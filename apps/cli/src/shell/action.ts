/** Commands that find their settings, and exit with what they give. */
import type { Command } from 'commander';
import { type Invocation, invocationOf } from './setting-options.ts';

/** What a command works with: `words` are its arguments, `options` those that are no settings, among others. */
export interface Call<Options> {
  readonly words: readonly string[];
  readonly options: Options;
  readonly invocation: Invocation;
}

/** Has `command` do `work`, which gives the exit status. */
export function act<Options>(command: Command, work: (call: Call<Options>) => Promise<number>): void {
  command.action(async () => {
    const options = command.opts() as Options;
    process.exitCode = await work({ words: command.args, options, invocation: invocationOf(command) });
  });
}
