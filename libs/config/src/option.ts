/**
 * Every setting of Cooper, declared once: the command line, the environment, the configuration file and the page
 * docs/configuration.md all derive from this table. Names and defaults are those that Guix users know.
 */

interface Common {
  readonly about: string;
  /** The variables of the environment that set it, where Guix has any; the first that is not empty counts. */
  readonly environment?: readonly string[];
}

export type Option = Common &
  (
    | { readonly kind: 'text'; readonly value: string; readonly fallback: string | undefined }
    | { readonly kind: 'count'; readonly value: string; readonly fallback: number }
    | { readonly kind: 'flag'; readonly fallback: false }
    | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly fallback: string }
    | { readonly kind: 'list'; readonly value: string; readonly fallback: readonly string[] }
  );

/** Where things are. Without a value they depend on who asks: see directories.ts. */
export const directoryOptions = {
  'store-dir': text('DIR', 'the directory of the store items', 'NIX_STORE_DIR', 'NIX_STORE'),
  'state-dir': text('DIR', 'the directory of the state: database, roots, profiles, sockets', 'GUIX_STATE_DIRECTORY'),
  'log-dir': text('DIR', 'the directory of the build logs', 'GUIX_LOG_DIRECTORY'),
  'database-dir': text('DIR', 'the directory of the database', 'GUIX_DATABASE_DIRECTORY'),
  'configuration-dir': text('DIR', 'the directory of keys and of `cooper.json`', 'GUIX_CONFIGURATION_DIRECTORY'),
} as const satisfies Record<string, Option>;

/** How builds are done, for everyone. */
export const buildOptions = {
  system: text('SYSTEM', 'the system of this machine, such as `x86_64-linux`'),
  'system-features': list(
    'WORD',
    'what this machine has for `requiredSystemFeatures` (repeatable); without it, everything',
  ),
  'max-jobs': count('N', 1, 'how many builds may run at once'),
  'max-substitutions': count('N', 8, 'how many store items may be fetched at once; of small ones, 16 times as many'),
  'substitute-urls': text('URLS', 'the caches to fetch from, the best first, with spaces between them'),
  'trusted-public-keys': list(
    'KEY',
    "believe what this key of Nix's (`NAME:BASE64`) signs about substitutes (repeatable)",
  ),
  'allow-unauthenticated-substitutes': choice(
    ['no', 'yes'],
    'believe substitutes that nobody signed: for tests only',
    'GUIX_ALLOW_UNAUTHENTICATED_SUBSTITUTES',
  ),
  'no-substitutes': flag('fetch nothing: build everything here'),
  cores: count('N', 0, 'how many cores a build may use; 0 for all of them'),
  timeout: count('SECONDS', 86_400, 'how long a build may take; 0 for no limit'),
  'max-silent-time': count('SECONDS', 3600, 'how long a build may be silent; 0 for no limit'),
  'max-log-size': count('BYTES', 0, 'how much a build may write to its log; 0 for no limit'),
  'log-compression': choice(['gzip', 'bzip2', 'zstd', 'none'], 'how build logs are compressed'),
  'max-build-memory': count('BYTES', 0, 'how much memory the processes of a build may use together; 0 for no limit'),
  'max-build-processes': count('N', 0, 'how many processes and threads a build may have at once; 0 for no limit'),
  'lose-logs': flag('keep no build logs'),
  'cache-failures': flag('remember builds that failed for good, and do not try them again'),
  'disable-chroot': flag('build without a sandbox'),
  'build-users-group': text('GROUP', 'build as members of this group; without it, as users of a private range'),
  'network-helper': choice(
    ['auto', 'none'],
    'auto: builds that may fetch have a network of their own where slirp4netns is installed; none: they have that of the machine',
  ),
  'sandbox-path': list('TARGET[=SOURCE]', 'show this path of the host, read-only, in the sandbox (repeatable)'),
  'machines-file': text('FILE', 'have builds done by the machines in this file, over ssh: see docs/offload.md'),
  'substitute-agent': text('COMMAND', 'have substitutes fetched by this program, which serves the contract substitute'),
  'build-agent': list(
    'COMMAND',
    'offer builds to this program first, which serves the contract build-agent (repeatable)',
  ),
  'build-hook': text('PROGRAM', 'ask `PROGRAM offload`, such as a stock `guix`, to do builds', 'GUIX'),
  'impersonate-linux-2.6': flag('let builders see a kernel named 2.6'),
} as const satisfies Record<string, Option>;

/** How the store is kept. */
export const upkeepOptions = {
  'gc-keep-outputs': choice(['no', 'yes'], 'whether derivations keep their outputs from collection'),
  'gc-keep-derivations': choice(['yes', 'no'], 'whether outputs keep their derivations from collection'),
  'disable-deduplication': flag('do not have equal files of the store share their blocks'),
  'min-free': count('BYTES', 0, 'collect garbage when less than this is free on the disk of the store; 0 for never'),
  'max-free': count('BYTES', 0, 'stop such a collection when this much is free'),
} as const satisfies Record<string, Option>;

/** What is done for clients of Guix's worker protocol. */
export const serviceOptions = {
  'client-socket': list('SOCKET', 'serve clients of Guix at this path, HOST or HOST:PORT (repeatable)'),
  'no-offload': flag('offer no builds to other machines for these clients'),
  rounds: count('N', 1, 'build so many times what clients ask for, and fail when two rounds differ'),
} as const satisfies Record<string, Option>;

/** The whole table. */
export const options = {
  ...directoryOptions,
  ...buildOptions,
  ...upkeepOptions,
  ...serviceOptions,
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof options;

/** The value of an option: text, number, boolean or list, as its kind says. */
export type OptionValue<O extends Option> = O extends { kind: 'text' }
  ? string | undefined
  : O extends { kind: 'count' }
    ? number
    : O extends { kind: 'flag' }
      ? boolean
      : O extends { kind: 'list' }
        ? readonly string[]
        : O extends { kind: 'choice'; choices: readonly (infer W)[] }
          ? W
          : never;

/** A value for every option. */
export type OptionValues = { readonly [N in OptionName]: OptionValue<(typeof options)[N]> };

function text(value: string, about: string, ...environment: readonly string[]) {
  return { kind: 'text', value, about, fallback: undefined, environment } as const;
}

function count(value: string, fallback: number, about: string) {
  return { kind: 'count', value, fallback, about } as const;
}

function flag(about: string) {
  return { kind: 'flag', fallback: false, about } as const;
}

function choice<const C extends readonly [string, ...string[]]>(
  choices: C,
  about: string,
  ...environment: readonly string[]
) {
  return { kind: 'choice', choices, fallback: choices[0], about, environment } as const;
}

function list(value: string, about: string) {
  return { kind: 'list', value, fallback: [] as readonly string[], about } as const;
}
