/** The command `daemon`: guix-daemon's options under guix-daemon's names. */
import { directoryOptions, type OptionName } from '@cooper/config';
import { type Command, Option } from 'commander';
import packageFile from '../../package.json' with { type: 'json' };
import { addSettings, givenTo } from './setting-options.ts';

const directories = Object.keys(directoryOptions) as OptionName[];

/** Settings whose name, value and meaning are guix-daemon's. */
const sameOptions: readonly OptionName[] = [
  'system',
  'cores',
  'max-jobs',
  'timeout',
  'max-silent-time',
  'disable-chroot',
  'build-users-group',
  'substitute-urls',
  'cache-failures',
  'rounds',
  'lose-logs',
  'disable-deduplication',
  'impersonate-linux-2.6',
];

/** Settings that guix-daemon does not have. */
const ownOptions: readonly OptionName[] = [
  'max-substitutions',
  'max-log-size',
  'min-free',
  'max-free',
  'system-features',
  'sandbox-path',
  'trusted-public-keys',
];

/** Adds it to `program`. */
export function addDaemonCommand(program: Command): void {
  const command = program
    .command('daemon')
    .description("serve Guix's clients, in the place of guix-daemon")
    .version(packageFile.version, '-V, --version', 'print the version');
  addSettings(command, sameOptions);
  command
    .option('--listen <socket>', 'serve clients at this path, HOST or HOST:PORT (repeatable)', append)
    .option('--chroot-directory <dir>', 'show this directory in the sandbox of builds (repeatable)', append)
    .option('--no-substitutes', 'do not use substitutes')
    .option('--no-offload', 'do not offer builds to other machines')
    .option('--gc-keep-outputs [yes|no]', 'keep outputs of live derivations')
    .option('--gc-keep-derivations [yes|no]', 'keep derivations of live outputs')
    .option('--discover [yes|no]', 'accepted, without effect')
    .option('--debug', 'say more in the log')
    .addOption(
      new Option('--log-compression <type>', 'how build logs are compressed').choices([
        'gzip',
        'bzip2',
        'zstd',
        'none',
      ]),
    )
    .addOption(new Option('--no-build-hook').hideHelp())
    .addOption(new Option('--disable-log-compression').hideHelp())
    .addOption(new Option('--disable-store-optimization').hideHelp());
  addSettings(command.optionsGroup("Cooper's own:"), [...ownOptions, ...directories]);
  command.action(async () => {
    const given = givenTo(command, [...sameOptions, ...ownOptions, ...directories]);
    process.exitCode = await (await import('./commands/daemon.ts')).daemon(command.opts(), given);
  });
}

function append(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
