/** The daemon's settings, from its command line. */
import { parseGiven, readSettings, type Settings } from '@cooper/config';
import type { Site } from './site.ts';

/** The caches of Guix. */
const defaultUrls = ['https://bordeaux.guix.gnu.org', 'https://ci.guix.gnu.org'];

/** What sessions need of the settings. */
export type SiteSettings = Pick<Site, 'storeDir' | 'defaults' | 'collection' | 'owner'>;

/** Reads the words of the command line. Throws the fault `invalid-option`. */
export function readSiteSettings(args: readonly string[]): SiteSettings {
  const owner = process.getuid?.() ?? 0;
  return siteSettings(readSettings({ given: parseGiven(args), environment: {}, uid: owner }), owner);
}

function siteSettings(settings: Settings, owner: number): SiteSettings {
  return {
    storeDir: settings.directories.store,
    owner,
    defaults: {
      substitutes: !settings['no-substitutes'],
      substituteUrls: settings['substitute-urls']?.split(/\s+/).filter(Boolean) ?? defaultUrls,
      offload: !settings['no-offload'],
      rounds: settings.rounds,
      limits: {
        timeout: settings.timeout,
        maxSilentTime: settings['max-silent-time'],
        maxLogSize: settings['max-log-size'],
      },
    },
    collection: {
      keepOutputs: settings['gc-keep-outputs'] === 'yes',
      keepDerivations: settings['gc-keep-derivations'] === 'yes',
    },
  };
}
