/** What the process is told about the machine that it stands for. */
import { parseGiven, readSettings, type Settings, thisSystem } from '@cooper/config';
import { smallerSystem } from '@cooper/derivation';

export interface RemoteSettings {
  readonly directories: Settings['directories'];
  /** The systems that it builds for, the own one first. */
  readonly systems: readonly string[];
  /** What it has for `requiredSystemFeatures`; null: everything. */
  readonly features: readonly string[] | null;
}

/** Reads the words of the command line. Throws the fault `invalid-option`. */
export function readRemoteSettings(words: readonly string[]): RemoteSettings {
  const given = parseGiven(words);
  const settings = readSettings({ given, environment: {}, uid: process.getuid?.() ?? 0 });
  const { system = thisSystem() } = settings;
  const smaller = smallerSystem(system);
  const features = settings['system-features'];
  return {
    directories: settings.directories,
    systems: [system, ...(smaller === undefined ? [] : [smaller])],
    features: features.length === 0 ? null : features,
  };
}
