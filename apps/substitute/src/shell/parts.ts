/** The parts of the agent, put together. */
import type { Settings } from '@cooper/config';
import type { Log } from '@cooper/log';
import { Caches } from './caches.ts';
import { Decoders } from './decoders.ts';
import { KeptAnswers } from './kept-answers.ts';
import { Narinfos } from './narinfos.ts';
import { Trust } from './trust.ts';
import { Web } from './web.ts';

export interface Parts {
  readonly storeDir: string;
  readonly trust: Trust;
  readonly caches: Caches;
  readonly narinfos: Narinfos;
  readonly decoders: Decoders;
  close(): Promise<void>;
}

/** Throws the faults `invalid-url` and `invalid-key` for settings that make no sense. */
export function makeParts(settings: Settings, log: Log): Parts {
  const { store, state } = settings.directories;
  const stop = new AbortController();
  const web = new Web();
  const kept = new KeptAnswers(`${state}/substitute/narinfos`, log);
  const trust = new Trust(settings, log);
  const decoders = new Decoders();
  return {
    storeDir: store,
    trust,
    caches: new Caches([settings['substitute-urls'] ?? ''], web),
    narinfos: new Narinfos(store, kept, trust, stop.signal),
    decoders,
    close: async () => {
      stop.abort();
      await Promise.all([web.close(), decoders.close(), kept.settle()]);
    },
  };
}
