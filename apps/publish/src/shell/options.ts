/** The options of the server: its own, beside the settings of Cooper. */
import { parseArgs } from 'node:util';
import { parseGiven, readSettings, type Settings } from '@cooper/config';
import { Fault } from '@cooper/fault';
import { type CompressionChoice, defaultChoices, parseChoice } from '../core/compression.ts';

export interface PublishOptions {
  readonly directories: Settings['directories'];
  /** In the order in which narinfos name them. */
  readonly choices: readonly CompressionChoice[];
  /** Where compressed archives are kept; without it, none is. */
  readonly cache: string | undefined;
  /** How many bytes of them are kept. */
  readonly cacheSize: number;
  /** How long, in seconds, clients may believe that something is there. */
  readonly ttl: number;
  /** How long that something is not there. */
  readonly negativeTtl: number;
  /** Among other caches of Nix's clients: the lowest number is asked first. */
  readonly priority: number;
}

const own = {
  compression: { type: 'string', multiple: true },
  cache: { type: 'string' },
  'cache-size': { type: 'string', default: String(10 * 1024 ** 3) },
  ttl: { type: 'string', default: '3600' },
  'negative-ttl': { type: 'string', default: '300' },
  priority: { type: 'string', default: '100' },
} as const;

/** Reads the words of the command line. Throws the fault `invalid-option`. */
export function readPublishOptions(words: readonly string[]): PublishOptions {
  const isOwn = (word: string) => Object.keys(own).some((name) => word.startsWith(`--${name}=`));
  const { values } = parseArgs({ args: words.filter(isOwn), options: own, strict: true });
  const given = parseGiven(words.filter((word) => !isOwn(word)));
  const { directories } = readSettings({ given, environment: {}, uid: process.getuid?.() ?? 0 });
  return {
    directories,
    choices: values.compression?.map(parseChoice) ?? defaultChoices,
    cache: values.cache,
    cacheSize: count('cache-size', values['cache-size']),
    ttl: count('ttl', values.ttl),
    negativeTtl: count('negative-ttl', values['negative-ttl']),
    priority: count('priority', values.priority),
  };
}

function count(option: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Fault('invalid-option', `--${option} takes a number, not \`${text}'`, { option, text });
}
