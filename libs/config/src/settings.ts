/**
 * Settings: the value of every option, from the command line, else the environment, else the configuration file, else
 * the default. The names on the command line that are not ours are left for the caller.
 */
import { Fault } from '@cooper/fault';
import { withAgents } from './agent-options.ts';
import { readConfiguration } from './configuration-file.ts';
import { type Directories, resolveDirectories } from './directories.ts';
import { type Option, type OptionName, type OptionValues, options } from './option.ts';
import { changeProcessTable, type ProcessEntry, processTable } from './process-table.ts';

/** What may be given, by option name; absent means: not given. */
export type GivenValues = { readonly [N in OptionName]?: unknown };

export interface Settings extends OptionValues {
  readonly directories: Directories;
  /** Which processes there are, with the changes of the configuration file and of options. */
  readonly processes: readonly ProcessEntry[];
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
  const { processes, ...configuration } = readConfiguration(`${early.configuration}/cooper.json`, sources.uid);
  const values = pick(sources, configuration);
  return {
    ...values,
    directories: resolveDirectories(values, sources),
    processes: neededProcesses(values, withAgents(processes, values)),
  };
}

/** The process table with these changes, without the processes that no setting calls for. */
function neededProcesses(values: OptionValues, changes: unknown): readonly ProcessEntry[] {
  const table = processTable.filter(({ onlyWith }) => onlyWith === undefined || isSet(values[onlyWith]));
  return changes === undefined ? table : changeProcessTable(table, changes);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}

function pick({ given, environment }: Sources, configuration: Readonly<Record<string, unknown>>): OptionValues {
  const names = Object.keys(options) as OptionName[];
  return Object.fromEntries(
    names.map((name) => {
      const option: Option = options[name];
      const fromEnvironment = option.environment?.map((variable) => environment[variable]).find(Boolean);
      const value = given[name] ?? fromEnvironment ?? configuration[name];
      return [name, value === undefined ? option.fallback : parseValue(name, option, value)];
    }),
  ) as unknown as OptionValues;
}

function parseValue(name: string, option: Option, value: unknown): unknown {
  switch (option.kind) {
    case 'text':
      return typeof value === 'string' ? value : refuse(name, 'text', value);
    case 'count':
      return isCount(value) ? Number(value) : refuse(name, 'a number', value);
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

function isCount(value: unknown): boolean {
  return (typeof value === 'string' || typeof value === 'number') && /^\d{1,15}$/.test(String(value));
}
