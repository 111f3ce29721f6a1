/** Operations about the session itself. */
import type { ByteString } from '@cooper/byte-string';
import { changedSettings, substituteUrls } from '../../core/session-settings.ts';
import type { Operations } from '../operations.ts';
import type { Session } from '../session.ts';
import { optionsOf } from './builds.ts';

export const options: Pick<Operations, 'set-options' | 'built-in-builders' | 'substitute-urls'> = {
  'set-options': {
    check: (wish, session) => {
      session.settings = changedSettings(session.settings, wish, session.peer);
      optionsOf(session);
    },
    run: async (wish, session) => {
      const [, name] = wish.pairs?.findLast(([option]) => option === 'user-name') ?? [];
      if (name !== undefined && session.peer.user === undefined) await addProfile(session, name);
      return undefined;
    },
  },
  'built-in-builders': { run: () => ['download', 'git-download'] as ByteString[] },
  'substitute-urls': {
    run: (_wish, { settings, site }) => substituteUrls(settings, site.defaults) as readonly ByteString[],
  },
};

/** The directory for the profiles of a user whom only the client can name. */
async function addProfile({ site }: Session, name: string): Promise<void> {
  const user = await site.users.byName(name);
  if (user !== undefined) await site.store.call('addUserProfile', user);
}
