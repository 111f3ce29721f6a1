/** Settings on command lines: reading them, and writing them again for a process that is started with them. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { Fault } from '@cooper/fault';
import { type Option, type OptionName, options } from './option.ts';
import type { GivenValues, Settings } from './settings.ts';

/** What `words` give; every word must be one of our options. Throws the fault `invalid-option`. */
export function parseGiven(words: readonly string[]): GivenValues {
  try {
    return parseArgs({ args: [...words], options: parseArgsConfig(), strict: true }).values as GivenValues;
  } catch (error) {
    throw new Fault('invalid-option', (error as Error).message, {}, { cause: error });
  }
}

function parseArgsConfig(): ParseArgsOptionsConfig {
  const entries = Object.entries(options).map(([name, option]) => [
    name,
    { type: option.kind === 'flag' ? 'boolean' : 'string', multiple: option.kind === 'list' } as const,
  ]);
  return Object.fromEntries(entries);
}

/** The words that give another process these settings, whatever its environment and configuration say. */
export function commandLine(settings: Settings, names: readonly OptionName[]): readonly string[] {
  const values = settingValues(settings);
  return names.flatMap((name) => words(name, options[name], values[name]));
}

/** The value of every option, the directories as they were resolved. */
export function settingValues(settings: Settings): Readonly<Record<OptionName, unknown>> {
  const { directories, processes: _, ...values } = settings;
  return {
    ...values,
    'store-dir': directories.store,
    'state-dir': directories.state,
    'log-dir': directories.log,
    'database-dir': directories.database,
    'configuration-dir': directories.configuration,
  };
}

function words(name: OptionName, option: Option, value: unknown): readonly string[] {
  if (value === undefined || value === false) return [];
  if (option.kind === 'flag') return [`--${name}`];
  if (option.kind === 'list') return (value as readonly string[]).map((item) => `--${name}=${item}`);
  return [`--${name}=${String(value)}`];
}
