/**
 * Substitutes on their way in: what anybody sends, but only what somebody signed who is believed. Path, references, deriver,
 * hash and size are those of the signed narinfo; the bytes are hashed here, and nothing is visible before they are right.
 */
import type { Socket } from 'node:net';
import { lentPieces } from '@cooper/bulk';
import type { PathInfo } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { formatPrefixedHash } from '@cooper/hash';
import type { Log } from '@cooper/log';
import { type Narinfo, parseNarinfo } from '@cooper/narinfo';
import { judgeNarinfo } from '@cooper/signature';
import type { StorePath } from '@cooper/store-path';
import { ArchiveIntake, type Intake } from './archive-intake.ts';
import { Claim } from './claim.ts';
import type { Keys } from './keys.ts';
import type { LeaseHolder } from './leases.ts';
import { placeItems, replacingItem } from './placement.ts';
import type { NewPath } from './registrar.ts';
import type { Location } from './store-directory.ts';
import { placeTree } from './trees.ts';
import { withOutputs } from './with-outputs.ts';
import type { World } from './world.ts';

export interface SubstituteWish {
  readonly path: StorePath;
  readonly narinfo: Uint8Array;
  readonly mode: 'normal' | 'repair';
}

/** A wish that was found good: what is to be registered when the bytes are right. */
export interface AuthorisedSubstitute {
  readonly info: NewPath;
  /** False where nobody vouches for anything: then only the hash is held against what comes, as in the reference. */
  readonly isSigned: boolean;
  readonly mode: SubstituteWish['mode'];
}

export class Substitutes {
  readonly #world: World;
  readonly #keys: Keys;
  readonly #log: Log;

  constructor(world: World, keys: Keys, log: Log) {
    this.#world = world;
    this.#keys = keys;
    this.#log = log;
  }

  /**
   * Judges a narinfo before any bytes are taken. Throws the faults `invalid-narinfo`, `unauthorized-substitute`, and
   * `path-not-valid` where a reference is missing.
   */
  authorise({ path, narinfo: text, mode }: SubstituteWish): AuthorisedSubstitute {
    const narinfo = parseNarinfo(this.#world.store.path, text);
    if (narinfo.path !== path) {
      const reason = `it is that of \`${narinfo.path}'`;
      throw new Fault('invalid-narinfo', `invalid narinfo of \`${path}': ${reason}`, { path, reason });
    }
    const isSigned = this.#checkSignature(narinfo);
    const { references, deriver, narSize } = narinfo;
    const missing = this.#world.paths.firstInvalid(references.filter((reference) => reference !== path));
    if (missing !== undefined) throw new Fault('path-not-valid', `path \`${missing}' is not valid`, { path: missing });
    const narHash = formatPrefixedHash(narinfo.narHash, 'base16');
    return { info: { path, narHash, narSize, references, deriver }, isSigned, mode };
  }

  /** Whether there is nothing to do. */
  isDone({ info, mode }: AuthorisedSubstitute): boolean {
    return mode === 'normal' && this.#world.paths.isValid(info.path);
  }

  /** Takes in what `socket` brings, registers it, and leases it to the channel. Throws the fault `hash-mismatch`. */
  async take(substitute: AuthorisedSubstitute, socket: Socket, holder: LeaseHolder): Promise<PathInfo> {
    const { staging, leases, paths, pass } = this.#world;
    const { info, mode } = substitute;
    const staged = staging.place();
    try {
      await restore(substitute, socket, staged);
      pass('staged');
      await leases.add(holder, [info.path]);
      if (mode === 'repair') await this.#replace(info, staged);
      else await placeTree(this.#world, info, staged);
      return paths.info(info.path) as PathInfo;
    } finally {
      staging.discard(staged);
    }
  }

  async #replace(info: NewPath, staged: Location): Promise<void> {
    using _claim = await Claim.wait(this.#world, [info.path]);
    this.#world.pass('canonical');
    await placeItems(this.#world, [replacingItem(this.#world, withOutputs(this.#world, info, staged), staged)]);
  }

  #checkSignature(narinfo: Narinfo): boolean {
    const verdict = judgeNarinfo(narinfo, this.#keys.trust);
    if (verdict === 'authorised') return true;
    const { path } = narinfo;
    if (!this.#keys.believesAnyone) throw unauthorised(path, verdict);
    this.#log.warning(`taking in \`${path}' though nobody vouches for it (${verdict})`, { path });
    return false;
  }
}

/** Restores what is sent into staging, no more than was announced, and holds it against the narinfo. */
async function restore(substitute: AuthorisedSubstitute, socket: Socket, staged: Location): Promise<void> {
  using intake = new ArchiveIntake(staged, substituteHash);
  let size = 0;
  for await (const chunk of lentPieces<Buffer>(socket)) {
    size += chunk.length;
    take(intake, substitute, { chunk, size });
  }
  check(substitute, intake.finish());
}

/** The same, of an archive that is at hand. */
export function restoreWhole(substitute: AuthorisedSubstitute, archive: Uint8Array, staged: Location): void {
  using intake = new ArchiveIntake(staged, substituteHash);
  take(intake, substitute, { chunk: archive, size: archive.length });
  check(substitute, intake.finish());
}

const substituteHash = { algorithm: 'sha256', recursive: true } as const;

/** `size`: with what came before. */
function take(
  intake: ArchiveIntake,
  { info, isSigned }: AuthorisedSubstitute,
  { chunk, size }: { chunk: Uint8Array; size: number },
): void {
  if (isSigned && size > info.narSize) throw mismatch(info, `more than the ${info.narSize} bytes that it should have`);
  if (intake.take(chunk) < chunk.length) throw new Fault('invalid-nar', 'invalid archive: bytes after its end');
}

function check({ info, isSigned }: AuthorisedSubstitute, { narHash, narSize }: Intake): void {
  if (isSigned && narSize !== info.narSize) throw mismatch(info, `${narSize} bytes instead of ${info.narSize}`);
  if (narHash !== info.narHash) throw mismatch(info, `the hash ${narHash} instead of ${info.narHash}`, narHash);
}

function mismatch({ path, narHash }: NewPath, what: string, actual?: string): Fault {
  const facts = { path, expected: narHash, ...(actual === undefined ? {} : { actual }) };
  return new Fault('hash-mismatch', `what was sent for \`${path}' has ${what}`, facts);
}

const reasons = {
  unsigned: 'it is not signed',
  'unauthorized-key': 'it is signed by nobody whose key is authorised',
  'hash-mismatch': 'its signature is one of something else',
  'invalid-signature': 'its signature is not by the key that it names',
  'corrupt-signature': 'its signature cannot be read',
} as const;

function unauthorised(path: StorePath, verdict: keyof typeof reasons): Fault {
  return new Fault('unauthorized-substitute', `the narinfo of \`${path}' is not authorised: ${reasons[verdict]}`, {
    path,
    verdict,
  });
}
