/**
 * Settings: the value of every option, from the command line, else the environment, else the configuration file, else
 * the default. The names on the command line that are not ours are left for the caller.
 */
import { readFileSync } from 'node:fs';
import { Fault } from '@cooper/fault';
import { type Directories, resolveDirectories } from './directories.ts';
import { type Option, type OptionName, type OptionValues, options } from './option.ts';

/** What may be given, by option name; absent means: not given. */
export type GivenValues = { readonly [N in OptionName]?: unknown };

export interface Settings extends OptionValues {
  readonly directories: Directories;
}

export interface Sources {
  /** What the command line gave: text, or lists of it, or true. */
  readonly given: GivenValues;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
}

/** Puts the settings together. Throws the faults `invalid-option` and `invalid-configuration`. */
export function readSettings(sources: Sources): Settings {
  const early = resolveDirectories(pick(sources, {}), sources);
  const values = pick(sources, readConfiguration(`${early.configuration}/cooper.json`));
  return { ...values, directories: resolveDirectories(values, sources) };
}

function pick({ given, environment }: Sources, configuration: Readonly<Record<string, unknown>>): OptionValues {
  const names = Object.keys(options) as OptionName[];
  return Object.fromEntries(
    names.map((name) => {
      const option: Option = options[name];
      const fromEnvironment = option.environment === undefined ? undefined : environment[option.environment];
      const value = given[name] ?? (fromEnvironment === '' ? undefined : fromEnvironment) ?? configuration[name];
      return [name, value === undefined ? option.fallback : parseValue(name, option, value)];
    }),
  ) as unknown as OptionValues;
}

function parseValue(name: string, option: Option, value: unknown): unknown {
  switch (option.kind) {
    case 'text':
      return typeof value === 'string' ? value : refuse(name, 'text', value);
    case 'count':
      return /^\d{1,15}$/.test(String(value)) ? Number(value) : refuse(name, 'a number', value);
    case 'flag':
      return typeof value === 'boolean' ? value : refuse(name, 'true or false', value);
    case 'choice':
      return option.choices.includes(value as string)
        ? value
        : refuse(name, `one of ${option.choices.join(', ')}`, value);
    case 'list':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
        ? value
        : refuse(name, 'a list of texts', value);
  }
}

function refuse(name: string, expected: string, value: unknown): never {
  const text = `--${name} takes ${expected}, not \`${String(value)}'`;
  throw new Fault('invalid-option', text, { option: name, value: String(value) });
}

/** The configuration file: one JSON object whose names are those of the options. Absent: empty. */
function readConfiguration(file: string): Readonly<Record<string, unknown>> {
  const text = readIfPresent(file);
  if (text === undefined) return {};
  const value = parseJson(file, text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Fault('invalid-configuration', `${file}: expected an object`, { file });
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(options, name))
      throw new Fault('invalid-configuration', `${file}: there is no setting \`${name}'`, { file, name });
  }
  return value as Record<string, unknown>;
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new Fault(
      'invalid-configuration',
      `cannot read ${file}: ${(error as Error).message}`,
      { file },
      { cause: error },
    );
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Fault('invalid-configuration', `${file}: ${(error as Error).message}`, { file }, { cause: error });
  }
}
