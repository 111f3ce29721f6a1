/** A cache for tests, as far as the store sees one: keys, and narinfos of archives made with them. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { toBytes } from '@cooper/byte-string';
import { hashBytes } from '@cooper/hash';
import { type NarinfoFacts, printGuixNarinfo } from '@cooper/narinfo';
import {
  type AccessList,
  authorise,
  emptyAccessList,
  makeNixKey,
  makeSecretKey,
  parseNixSecretKey,
  parseSecretKey,
  printAdvanced,
  type SecretKey,
  signForGuix,
  signForNix,
} from '@cooper/signature';
import { parseStorePath } from '@cooper/store-path';

/** A fresh key of Guix's kind. */
export function freshKey(): SecretKey {
  return parseSecretKey(toBytes(printAdvanced(makeSecretKey(randomBytes(32)).secret)));
}

/** Writes the access control list that authorises `keys`, where a store with this state directory looks for it. */
export function authoriseKeys(stateDir: string, keys: readonly SecretKey[]): void {
  mkdirSync(`${stateDir}/etc`, { recursive: true });
  const list = keys.reduce<AccessList>((list, key) => authorise(list, key.publicKey.expression), emptyAccessList);
  writeFileSync(`${stateDir}/etc/acl`, printAdvanced(list.expression), 'latin1');
}

/** What a cache says of an item called `name` whose archive is `archive`. */
export function describe(storeDir: string, archive: Uint8Array, more: Partial<NarinfoFacts> = {}): NarinfoFacts {
  const path = parseStorePath(storeDir, `${storeDir}/${randomHashPart()}-item`);
  const narHash = hashBytes('sha256', archive);
  return { path, narHash, narSize: archive.length, references: [], deriver: null, ...more };
}

/** The narinfo, signed as Guix signs; not at all without a key. */
export function narinfoOf(facts: NarinfoFacts, key?: SecretKey): Buffer {
  return printGuixNarinfo({
    ...facts,
    files: [{ url: 'nar/x', compression: 'none' }],
    nixSignatures: [],
    ...(key === undefined ? {} : { guixSignature: signForGuix(key, 'test', facts) }),
  });
}

/** The same, signed as Nix signs by the key `secret`. */
export function nixNarinfoOf(facts: NarinfoFacts, secret: string): Buffer {
  const key = parseNixSecretKey(secret);
  const files = [{ url: 'nar/x', compression: 'none' }] as const;
  return printGuixNarinfo({ ...facts, files, nixSignatures: [signForNix(key, facts)] });
}

export function freshNixKey(): { readonly secret: string; readonly public: string } {
  return makeNixKey('test-1', randomBytes(32));
}

function randomHashPart(): string {
  return Array.from(randomBytes(32), (byte) => '0123456789abcdfghijklmnpqrsvwxyz'[byte & 31]).join('');
}
