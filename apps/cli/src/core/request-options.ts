/**
 * Which settings go where. Some are those of the running processes, and in force for everyone who uses them; others
 * belong to one request, and go with it, so that nobody else's builds change.
 */
import type { GivenValues, OptionName, Settings } from '@cooper/config';
import type { RequestOptions } from '@cooper/contracts';

/** What a request may have of its own. */
const requestNames = new Set<OptionName>([
  ...(['cores', 'timeout', 'max-silent-time', 'max-log-size', 'disable-chroot', 'sandbox-path'] as const),
  ...(['substitute-urls', 'no-substitutes'] as const),
]);

/** What was given without what belongs to the request: what processes are started with. */
export function tableValues(given: GivenValues): GivenValues {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !requestNames.has(name as OptionName)));
}

/** Flags of `build` that are no settings. */
export interface BuildFlags {
  readonly keepGoing?: boolean;
  readonly keepFailed?: boolean;
  readonly fallback?: boolean;
  readonly detach?: boolean;
}

export interface RequestWishes {
  readonly settings: Settings;
  /** The settings that the command line gave. */
  readonly given: GivenValues;
  readonly flags: BuildFlags;
  /** What recipes want to be shown of the host: each `TARGET[=SOURCE]`. */
  readonly sandboxPaths: readonly string[];
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/** The options of a request: those that were asked for, and nothing else. */
export function requestOptions(wishes: RequestWishes): RequestOptions {
  const { settings, given, flags, user } = wishes;
  const paths = [...wishes.sandboxPaths, ...(given['sandbox-path'] === undefined ? [] : settings['sandbox-path'])];
  return {
    keepGoing: flags.keepGoing ?? false,
    keepFailed: flags.keepFailed ?? false,
    ...(given.cores !== undefined && { cores: settings.cores }),
    ...(limitNames.some((name) => given[name] !== undefined) && { limits: limitsOf(settings) }),
    ...(given['disable-chroot'] !== undefined && { sandbox: !settings['disable-chroot'] }),
    ...(given['no-substitutes'] !== undefined && { substitutes: !settings['no-substitutes'] }),
    ...(given['substitute-urls'] !== undefined && { substituteUrls: urlsOf(settings) }),
    ...(flags.fallback === true && { fallback: true }),
    ...(flags.detach === true && { detached: true }),
    ...(paths.length > 0 && { sandboxPaths: [...new Set(paths)].map(parseSandboxPath) }),
    client: { name: 'cooper build', ...user },
  };
}

/** The caches that the settings name, the best first. */
export function urlsOf(settings: Settings): string[] {
  return (settings['substitute-urls'] ?? '').split(/\s+/).filter((url) => url !== '');
}

const limitNames = ['timeout', 'max-silent-time', 'max-log-size'] as const;

function limitsOf(settings: Settings): NonNullable<RequestOptions['limits']> {
  return {
    timeout: settings.timeout,
    maxSilentTime: settings['max-silent-time'],
    maxLogSize: settings['max-log-size'],
  };
}

/** `TARGET=SOURCE`, or one path for both. */
function parseSandboxPath(text: string): { target: Uint8Array; source: Uint8Array } {
  const mark = text.indexOf('=');
  const target = mark < 0 ? text : text.slice(0, mark);
  return { target: Buffer.from(target), source: Buffer.from(mark < 0 ? text : text.slice(mark + 1)) };
}
