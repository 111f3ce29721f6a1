/** What can be fetched of many paths: all caches are asked at once, and the first that is believed counts. */
import type { SubstituteInfo } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import { formatPrefixedHash } from '@cooper/hash';
import type { StorePath } from '@cooper/store-path';
import { orderForms } from '../core/nar-choice.ts';
import type { KnownCache } from './known-cache.ts';
import type { FoundNarinfo, Narinfos } from './narinfos.ts';
import { prefer } from './preference.ts';

/** Bytes a second that a cache is taken to give before anything has come from it. */
export const expectedSpeed = 10_000_000;

export interface Asking {
  readonly caches: readonly KnownCache[];
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
}

/** The answers, in the order of `paths`; null for what nobody has whom we believe. */
export function query(
  narinfos: Narinfos,
  paths: readonly StorePath[],
  asking: Asking,
): Promise<readonly (SubstituteInfo | null)[]> {
  const late = new Set<number>();
  const warned = new Set<KnownCache>();
  const warnOnce = (cache: KnownCache, message: string) => {
    if (!warned.has(cache)) asking.warn(message);
    warned.add(cache);
  };
  const one = async (path: StorePath) => {
    let decided = false;
    const isWanted = () => !decided && !asking.signal.aborted;
    const answers = asking.caches.map((cache) => believed(narinfos, { cache, path, isWanted, warn: warnOnce }));
    const found = await prefer(answers, { late });
    decided = true;
    return found === undefined ? null : describe(found);
  };
  return Promise.all(paths.map(one));
}

interface Question {
  readonly cache: KnownCache;
  readonly path: StorePath;
  readonly isWanted: () => boolean;
  readonly warn: (cache: KnownCache, message: string) => void;
}

/** Never throws what a cache does. */
async function believed(
  narinfos: Narinfos,
  { cache, path, isWanted, warn }: Question,
): Promise<FoundNarinfo | undefined> {
  try {
    const found = await narinfos.find(cache, path, isWanted);
    if (found === undefined || found.verdict === 'authorised') return found;
    warn(cache, `${cache.name}: its narinfo of ${path} is not authorised (${found.verdict})`);
  } catch (error) {
    if (!isFault(error, 'cache-failed')) throw error;
    warn(cache, error.message);
  }
  return undefined;
}

function describe({ cache, bytes, narinfo }: FoundNarinfo): SubstituteInfo {
  const { path, deriver, references, narHash, narSize, files } = narinfo;
  const [best] = orderForms(files, narSize, cache.speed ?? expectedSpeed, 'none');
  return {
    path,
    deriver,
    references: [...references],
    downloadSize: best?.file.fileSize ?? 0,
    narHash: formatPrefixedHash(narHash, 'base16'),
    narSize,
    narinfo: bytes,
    url: cache.name,
  };
}
