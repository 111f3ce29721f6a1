/** The settings of Cooper as options of commands. */
import {
  type GivenValues,
  type OptionName,
  options,
  readSettings,
  type Option as Setting,
  type Settings,
} from '@cooper/config';
import { type Command, Option } from 'commander';

/** The letters that Guix has for some of them. */
const letters: Partial<Record<OptionName, string>> = { 'max-jobs': 'M', cores: 'c' };

/** Has `command` take the settings called `names`. */
export function addSettings(command: Command, names: readonly OptionName[]): Command {
  for (const name of names) command.addOption(optionOf(name, options[name]));
  return command;
}

function optionOf(name: OptionName, setting: Setting): Option {
  const letter = letters[name];
  const flags = `${letter === undefined ? '' : `-${letter}, `}--${name}`;
  switch (setting.kind) {
    case 'flag':
      return new Option(flags, setting.about);
    case 'choice':
      return new Option(`${flags} <word>`, setting.about).choices(setting.choices);
    case 'list':
      return new Option(`${flags} <${setting.value}>`, setting.about).argParser(append);
    case 'text':
    case 'count':
      return new Option(`${flags} <${setting.value}>`, setting.about);
  }
}

function append(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Settings, and which of them the command line gave. */
export interface Invocation {
  readonly settings: Settings;
  readonly given: GivenValues;
}

/** Puts together what `command` was given. Throws the faults `invalid-option` and `invalid-configuration`. */
export function invocationOf(command: Command): Invocation {
  const given = givenTo(command, Object.keys(options) as OptionName[]);
  return { given, settings: readForUser(given) };
}

/** Those of the settings `names` that `command` was given. */
export function givenTo(command: Command, names: readonly OptionName[]): GivenValues {
  const values = command.opts();
  const given = command.options
    .filter((option) => names.includes(option.name() as OptionName))
    // An option that begins with `no-` has a value without it, which is true unless the option was given.
    .map((option) => [option.name(), option.negate ? !values[option.attributeName()] : values[option.attributeName()]])
    .filter(([, value]) => value !== undefined && value !== false);
  return Object.fromEntries(given) as GivenValues;
}

/** The settings that these values give to the user who runs this process. */
export function readForUser(given: GivenValues): Settings {
  return readSettings({ given, environment: process.env, uid: process.getuid?.() ?? 0 });
}
