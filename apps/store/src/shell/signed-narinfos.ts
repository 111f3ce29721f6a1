/** Narinfos of valid paths, signed here, so that no secret key leaves this process. */
import { hostname } from 'node:os';
import type { PathInfo } from '@cooper/contracts';
import { parseHash } from '@cooper/hash';
import { type NarinfoFacts, printSigned } from '@cooper/narinfo';
import { inSlices } from '@cooper/process';
import { type NixSecretKey, type SecretKey, signForGuix, signForNix } from '@cooper/signature';
import type { StorePath } from '@cooper/store-path';
import type { Keys } from './keys.ts';
import type { World } from './world.ts';

/** Signs with each key that there is. Throws the faults `no-signing-key` and `invalid-key`. */
export async function signNarinfos({ paths }: World, keys: Keys, asked: readonly StorePath[]) {
  const own = keys.own;
  if (own.guix === undefined && own.nix === undefined) throw keys.missing;
  return inSlices(signing(paths.infos(asked), own));
}

type OwnKeys = { readonly guix: SecretKey | undefined; readonly nix: NixSecretKey | undefined };

function* signing(infos: readonly (PathInfo | null)[], keys: OwnKeys): Generator<void, (Buffer | null)[], void> {
  const signed: (Buffer | null)[] = [];
  for (const info of infos) {
    signed.push(info === null ? null : sign({ ...info, narHash: parseHash(info.narHash) }, keys));
    yield;
  }
  return signed;
}

function sign(facts: NarinfoFacts, { guix, nix }: OwnKeys): Buffer {
  return printSigned({
    ...facts,
    ...(guix === undefined ? {} : { guixSignature: signForGuix(guix, hostname(), facts) }),
    nixSignatures: nix === undefined ? [] : [signForNix(nix, facts)],
  });
}
