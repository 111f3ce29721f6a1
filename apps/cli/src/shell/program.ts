/** `cooper`: its commands, and what becomes of what they throw. */
import { Command } from 'commander';
import packageFile from '../../package.json' with { type: 'json' };
import { addBuildCommands } from './build-commands.ts';
import { addDaemonCommand } from './daemon-command.ts';
import { addKeyCommands } from './key-commands.ts';
import { addMachinesCommands } from './machines-commands.ts';
import { endQuietlyWhenClosed } from './output.ts';
import { addPartCommands } from './part-commands.ts';
import { addRemoteCommand } from './remote-command.ts';
import { report } from './report.ts';
import { addServeCommand } from './serve-command.ts';
import { addStoreCommands } from './store-commands.ts';
import { addUpkeepCommands } from './upkeep-commands.ts';

/** Runs the command that `words` say. The exit status is set when it has ended. */
export async function main(words: readonly string[]): Promise<void> {
  endQuietlyWhenClosed();
  try {
    await makeProgram().parseAsync(words, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** All commands. What one does is loaded when it is called, so that no command pays for the others. */
export function makeProgram(): Command {
  const program = new Command('cooper')
    .description('Builds derivations of Guix and Nix, and what recipes describe.')
    .version(packageFile.version, '-V, --version', 'print the version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`cooper: ${text}`) });
  addBuildCommands(program);
  addStoreCommands(program);
  addUpkeepCommands(program);
  addDaemonCommand(program);
  addKeyCommands(program);
  addServeCommand(program);
  addRemoteCommand(program);
  addMachinesCommands(program);
  addPartCommands(program);
  return program;
}
