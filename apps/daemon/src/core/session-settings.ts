/** What a client may choose for its session, and what becomes of it: the reference's rules for set-options. */
import type { RequestOptions } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { SessionOptions } from '@cooper/worker-protocol';

/** What the daemon was started with. */
export interface DaemonDefaults {
  readonly substitutes: boolean;
  readonly substituteUrls: readonly string[];
  readonly offload: boolean;
  readonly rounds: number;
  readonly limits: { readonly timeout: number; readonly maxSilentTime: number; readonly maxLogSize: number };
}

/** How urgent a text is, in the reference's order. */
export const levels = { error: 0, info: 1, talkative: 2, chatty: 3, debug: 4 } as const;

export interface SessionSettings {
  readonly keepFailed: boolean;
  readonly keepGoing: boolean;
  readonly fallback: boolean;
  /** Texts up to this level are sent. */
  readonly verbosity: number;
  /** Build logs are sent when the verbosity is at least this. */
  readonly buildVerbosity: number;
  readonly offload: boolean;
  readonly printBuildTrace: boolean;
  readonly substitutes: boolean;
  /** The settings that came by name; those of clients that are not trusted begin with `untrusted-`. */
  readonly named: ReadonlyMap<string, string>;
}

/** What holds until the client says something else. */
export function initialSettings(defaults: DaemonDefaults): SessionSettings {
  return {
    keepFailed: false,
    keepGoing: false,
    fallback: false,
    verbosity: levels.info,
    buildVerbosity: levels.error,
    offload: defaults.offload,
    printBuildTrace: false,
    substitutes: defaults.substitutes,
    named: new Map(),
  };
}

/** Settings that count whoever sends them. */
const harmless: ReadonlySet<string> = new Set([
  'build-timeout',
  'build-max-silent-time',
  'build-max-jobs',
  'build-cores',
  'build-repeat',
  'multiplexed-build-output',
]);

/** Who sends options. */
export interface Sender {
  readonly trusted: boolean;
  /** From another machine, as far as we know: nobody there could look at a build directory that is kept. */
  readonly remote: boolean;
}

/** The settings after set-options. Substitutes that were turned off stay so, as in the reference. */
export function changedSettings(before: SessionSettings, options: SessionOptions, sender: Sender): SessionSettings {
  const given = oldNumbers(options);
  for (const [name, value] of options.pairs ?? [])
    given.push([sender.trusted || harmless.has(name) ? name : `untrusted-${name}`, value]);
  return {
    keepFailed: options.keepFailed !== 0 && !sender.remote,
    keepGoing: options.keepGoing !== 0,
    fallback: options.fallback !== 0,
    verbosity: options.verbosity,
    buildVerbosity: options.buildVerbosity ?? before.buildVerbosity,
    offload: options.useBuildHook === undefined ? before.offload : options.useBuildHook !== 0,
    printBuildTrace: options.printBuildTrace === undefined ? before.printBuildTrace : options.printBuildTrace !== 0,
    substitutes: before.substitutes && (options.useSubstitutes ?? 1) !== 0,
    named: new Map([...before.named, ...given]),
  };
}

/** What old clients send as numbers, under the names that it has since. */
function oldNumbers({ maxJobs, maxSilentTime, buildCores }: SessionOptions): [string, string][] {
  const numbers = [
    ['build-max-jobs', maxJobs],
    ['build-max-silent-time', maxSilentTime],
    ['build-cores', buildCores],
  ] as const;
  return numbers.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
}

/** The value that an untrusted client gave, else what a trusted one did. */
function either({ named }: SessionSettings, name: string): string | undefined {
  return named.get(`untrusted-${name}`) ?? named.get(name);
}

/** Whether downloads are told in lines of the build trace. */
export function printsExtendedTrace(settings: SessionSettings): boolean {
  return either(settings, 'print-extended-build-trace') === '1';
}

/** Whether each piece of a build log says which build it is of. */
export function isMultiplexed({ named }: SessionSettings): boolean {
  return named.get('multiplexed-build-output') === 'true';
}

/** The caches that are asked: the client's, or the daemon's, or none. */
export function substituteUrls(settings: SessionSettings, defaults: DaemonDefaults): readonly string[] {
  return settings.substitutes ? (chosenUrls(settings) ?? defaults.substituteUrls) : [];
}

function chosenUrls(settings: SessionSettings): readonly string[] | undefined {
  return either(settings, 'substitute-urls')
    ?.split(/[ \t\n\r]+/)
    .filter(Boolean);
}

/** What the scheduler is asked for. Throws the fault `invalid-setting` where a number is none. */
export function requestOptions(
  settings: SessionSettings,
  defaults: DaemonDefaults,
  client: NonNullable<RequestOptions['client']>,
): RequestOptions {
  const { keepFailed, keepGoing, fallback, substitutes } = settings;
  const number = (name: string) => numberOf(settings, name);
  const [maxJobs, cores, repeat, urls] = [
    number('build-max-jobs'),
    number('build-cores'),
    number('build-repeat'),
    chosenUrls(settings),
  ];
  return {
    keepFailed,
    keepGoing,
    fallback,
    substitutes,
    downloadTrace: printsExtendedTrace(settings),
    offload: settings.offload && defaults.offload,
    rounds: Math.min(1000, repeat === undefined ? Math.max(1, defaults.rounds) : repeat + 1),
    limits: {
      timeout: number('build-timeout') ?? defaults.limits.timeout,
      maxSilentTime: number('build-max-silent-time') ?? defaults.limits.maxSilentTime,
      maxLogSize: defaults.limits.maxLogSize,
    },
    client,
    ...(maxJobs === undefined ? {} : { maxJobs }),
    ...(cores === undefined ? {} : { cores }),
    ...(urls === undefined ? {} : { substituteUrls: urls }),
  };
}

function numberOf({ named }: SessionSettings, name: string): number | undefined {
  const value = named.get(name);
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new Fault('invalid-setting', `configuration setting \`${name}' should have an integer value`, { name, value });
}
