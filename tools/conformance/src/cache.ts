/** A cache of substitutes for trials: the files that a static server would serve, signed by a key made for it. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBytes } from '@cooper/byte-string';
import type { SubstituteInfo } from '@cooper/contracts';
import { formatPrefixedHash, type Hash, hashBytes } from '@cooper/hash';
import { fileArchive } from '@cooper/nar';
import { printGuixNarinfo } from '@cooper/narinfo';
import {
  authorise,
  emptyAccessList,
  makeSecretKey,
  parseSecretKey,
  printAdvanced,
  printCanonical,
  signForGuix,
} from '@cooper/signature';
import { type StorePath, storePathBaseName, storePathHashPart } from '@cooper/store-path';
import { directoryArchive } from './archives.ts';
import type { Place } from './place.ts';

/** An item of the cache. */
export interface CachedItem {
  readonly path: StorePath;
  readonly archive: Buffer;
  readonly narHash: Hash;
  readonly references: readonly StorePath[];
  readonly deriver: StorePath | null;
  /** The narinfo, signed. */
  readonly narinfo: Buffer;
}

export interface TrialCache {
  readonly small: CachedItem;
  /** A directory that refers to `small`. */
  readonly tree: CachedItem;
  /** Five megabytes. */
  readonly large: CachedItem;
  /** Its archive is not the one that its narinfo describes. */
  readonly changed: CachedItem;
  /** Signed as the others, and in no cache. */
  readonly absent: CachedItem;
}

/** Writes a cache into `place`, and the list of keys that authorises it. */
export function makeCache(place: Place): TrialCache {
  const { secret, public: key } = makeSecretKey(randomBytes(32));
  const signer = parseSecretKey(toBytes(printCanonical(secret)));
  writeFileSync(join(place.configuration, 'acl'), toBytes(printAdvanced(authorise(emptyAccessList, key).expression)));
  mkdirSync(join(place.cache, 'nar'));
  writeFileSync(join(place.cache, 'nix-cache-info'), `StoreDir: ${place.store}\nWantMassQuery: 0\nPriority: 100\n`);
  const item = (letter: string, name: string, archive: Buffer, references: readonly StorePath[] = []): CachedItem => {
    const path = `${place.store}/${letter.repeat(32)}-${name}` as StorePath;
    const narHash = hashBytes('sha256', archive);
    const deriver = `${place.store}/${'d'.repeat(32)}-${name}.drv` as StorePath;
    const facts = { path, narHash, narSize: archive.length, references, deriver };
    const narinfo = printGuixNarinfo({
      ...facts,
      files: [{ url: `nar/${storePathBaseName(path)}`, compression: 'none', fileSize: archive.length }],
      guixSignature: signForGuix(signer, 'trial', facts),
      nixSignatures: [],
    });
    return { path, archive, narHash, references, deriver, narinfo };
  };
  const put = (cached: CachedItem, served = cached.archive): CachedItem => {
    writeFileSync(join(place.cache, `${storePathHashPart(cached.path)}.narinfo`), cached.narinfo);
    writeFileSync(join(place.cache, 'nar', storePathBaseName(cached.path)), served);
    return cached;
  };
  const small = put(item('1', 'small', fileArchive(Buffer.from('a small file'))));
  const spoilt = Buffer.from('spoilt on its way');
  return {
    small,
    tree: put(item('2', 'tree', directoryArchive({ above: small.path, more: 'text' }), [small.path])),
    large: put(item('3', 'large', fileArchive(randomBytes(5_000_000)))),
    changed: put(item('4', 'changed', fileArchive(Buffer.from('as it was signed!'))), fileArchive(spoilt)),
    absent: item('5', 'absent', fileArchive(Buffer.from('not here'))),
  };
}

/** What a query has to tell of `item`; where it came from, and how large the download is, is for the agent to know. */
export function expectedInfo(item: CachedItem): Omit<SubstituteInfo, 'url' | 'downloadSize' | 'narinfo'> {
  const { path, deriver, references, narHash, archive } = item;
  return { path, deriver, references, narHash: formatPrefixedHash(narHash, 'base16'), narSize: archive.length };
}
