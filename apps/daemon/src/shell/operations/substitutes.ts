/** Questions about what could be fetched. */
import type { ByteString } from '@cooper/byte-string';
import type { SubstituteInfo } from '@cooper/contracts';
import { exactNarSize } from '@cooper/narinfo';
import { wellFormed } from '../../core/named-paths.ts';
import { substituteUrls } from '../../core/session-settings.ts';
import type { Operations } from '../operations.ts';
import type { Session } from '../session.ts';

type Questions =
  | 'has-substitutes?'
  | 'query-substitutable-path-info'
  | 'query-substitutable-path-infos'
  | 'query-substitutable-paths';

export const substitutes: Pick<Operations, Questions> = {
  'has-substitutes?': {
    paths: ({ path }) => [path],
    run: async ({ path }, session) => (await offers(session, [path])).length,
  },
  'query-substitutable-path-info': {
    paths: ({ path }) => [path],
    run: async ({ path }, session) => {
      const [info] = await offers(session, [path]);
      return info === undefined ? undefined : told(info);
    },
  },
  'query-substitutable-path-infos': {
    paths: ({ paths }) => paths,
    run: async ({ paths }, session) => (await offers(session, paths)).map(told),
  },
  'query-substitutable-paths': {
    paths: ({ paths }) => paths,
    run: async ({ paths }, session) => (await offers(session, paths)).map(({ path }) => path),
  },
};

/** What caches offer for these paths, sorted. */
async function offers(session: Session, paths: readonly string[]): Promise<SubstituteInfo[]> {
  const { site, settings, signal, output } = session;
  const asked = wellFormed(site.storeDir, paths);
  const urls = substituteUrls(settings, site.defaults);
  if (asked.length === 0 || urls.length === 0) return [];
  const { infos } = await site.scheduler.call(
    'querySubstitutes',
    { paths: asked, urls },
    {
      signal,
      onItem: async (event) => {
        if (event.event === 'warning') await output.say(`${event.message}\n`);
      },
    },
  );
  return infos.filter((info) => info !== null);
}

function told({ path, deriver, references, downloadSize, narSize, narinfo }: SubstituteInfo) {
  return {
    path,
    deriver: deriver ?? ('' as ByteString),
    references,
    downloadSize: BigInt(downloadSize),
    narSize: narSize < Number.MAX_SAFE_INTEGER ? BigInt(narSize) : exactNarSize(narinfo),
  };
}
