export { commandLine, parseGiven, settingValues } from './command-line.ts';
export { cooperUser } from './cooper-user.ts';
export { type Directories, resolveDirectories } from './directories.ts';
export {
  buildOptions,
  directoryOptions,
  type Option,
  type OptionName,
  type OptionValues,
  options,
  serviceOptions,
  upkeepOptions,
} from './option.ts';
export { configurationPage } from './page.ts';
export { outputMakersGroup, unprivilegedId } from './private-ids.ts';
export {
  changeProcessTable,
  type ProcessEntry,
  processTable,
  publishCommand,
  remoteCommand,
  supervisorCommand,
} from './process-table.ts';
export { type GivenValues, readSettings, type Settings, type Sources } from './settings.ts';
export { thisSystem } from './this-system.ts';
