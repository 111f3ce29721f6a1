/** Questions about what is in the store. */
import type { ByteString } from '@cooper/byte-string';
import type { PathInfo } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { isHashPart, type StorePath } from '@cooper/store-path';
import { checkPlace, notValid, validCandidate, wellFormed } from '../../core/named-paths.ts';
import type { Operations } from '../operations.ts';
import type { Session } from '../session.ts';

interface OnePath {
  readonly path: string;
}

const path = ({ path }: OnePath) => [path];
const empty = '' as ByteString;

type Queries =
  | 'valid-path?'
  | 'query-path-hash'
  | 'query-references'
  | 'query-referrers'
  | 'query-deriver'
  | 'query-derivation-outputs'
  | 'query-derivation-output-names'
  | 'query-all-valid-paths'
  | 'query-path-info'
  | 'query-path-from-hash-part'
  | 'query-valid-paths'
  | 'query-valid-derivers';

export const queries: Pick<Operations, Queries> = {
  'valid-path?': {
    run: async ({ path }, session) => {
      checkPlace(session.site.storeDir, path);
      return (await validAmong(session, [path])).length;
    },
  },
  'query-path-hash': { paths: path, run: async (wish, session) => hexHash(await infoOf(session, wish.path)) },
  'query-references': { paths: path, run: async (wish, session) => [...(await infoOf(session, wish.path)).references] },
  'query-referrers': {
    paths: path,
    run: async (wish, session) => {
      const { store, storeDir } = session.site;
      const [asked] = wellFormed(storeDir, [wish.path]);
      if (asked === undefined) return [];
      const { referrers } = await store.call('queryReferrers', { paths: [asked] });
      return [...(referrers[0] ?? [])];
    },
  },
  'query-deriver': { paths: path, run: async (wish, session) => (await infoOf(session, wish.path)).deriver ?? empty },
  'query-derivation-outputs': {
    paths: path,
    run: async (wish, session) => (await outputsOf(session, wish.path)).map((output) => output.path).sort(),
  },
  'query-derivation-output-names': {
    paths: path,
    run: async (wish, session) => (await outputsOf(session, wish.path)).map(({ name }) => name as ByteString).sort(),
  },
  'query-all-valid-paths': {
    run: async (_wish, { site, signal }) => {
      const all: StorePath[] = [];
      await site.store.call('queryAllValidPaths', {}, { signal, onItem: ({ paths }) => void all.push(...paths) });
      return all;
    },
  },
  'query-path-info': {
    paths: path,
    run: async (wish, session) => {
      const info = await infoOf(session, wish.path);
      return {
        deriver: info.deriver ?? empty,
        hash: hexHash(info),
        references: info.references,
        registrationTime: info.registrationTime,
        narSize: BigInt(info.narSize),
      };
    },
  },
  'query-path-from-hash-part': {
    run: async ({ hashPart }, { site }) => {
      if (hashPart.length !== 32) throw new Fault('invalid-hash-part', 'invalid hash part', { hashPart });
      if (!isHashPart(hashPart)) return empty;
      return (await site.store.call('queryPathFromHashPart', { hashPart })).path ?? empty;
    },
  },
  'query-valid-paths': { paths: ({ paths }) => paths, run: ({ paths }, session) => validAmong(session, paths) },
  'query-valid-derivers': {
    paths: path,
    run: async (wish, { site }) => {
      const [asked] = wellFormed(site.storeDir, [wish.path]);
      if (asked === undefined) return [];
      const { derivers } = await site.store.call('queryDerivers', { paths: [asked] });
      return [...(derivers[0] ?? [])];
    },
  },
};

/** Those of `paths` that are valid, sorted. */
async function validAmong({ site }: Session, paths: readonly string[]): Promise<StorePath[]> {
  const asked = wellFormed(site.storeDir, paths);
  if (asked.length === 0) return [];
  return [...(await site.store.call('queryValidPaths', { paths: asked })).paths].sort();
}

/** What is known of a valid path. Throws the fault `path-not-valid`. */
async function infoOf({ site }: Session, path: string): Promise<PathInfo> {
  const { infos } = await site.store.call('queryPathInfos', { paths: [validCandidate(site.storeDir, path)] });
  if (infos[0] === null || infos[0] === undefined) throw notValid(path);
  return infos[0];
}

async function outputsOf({ site }: Session, path: string) {
  const [asked] = wellFormed(site.storeDir, [path]);
  if (asked === undefined) return [];
  return (await site.store.call('queryDerivationOutputs', { paths: [asked] })).outputs[0] ?? [];
}

function hexHash({ narHash }: PathInfo): ByteString {
  return narHash.slice('sha256:'.length) as ByteString;
}
