/**
 * Judges outputs one by one, where the builder left them: owner and modes, contents that were promised, then everything
 * made canonical, hashed and searched for references.
 */
import { fromText, toBytes } from '@cooper/byte-string';
import type { OutputPath } from '@cooper/contracts';
import type { DerivationOutput } from '@cooper/derivation';
import { type Fault, isFault } from '@cooper/fault';
import { equalHashes, formatHash } from '@cooper/hash';
import { canonicalMetadata, InodeSet, treeCanonicalisation, treeCopying } from '@cooper/nar-files';
import { inSlices } from '@cooper/process';
import { type StorePath, storePathHashPart } from '@cooper/store-path';
import type { FileStatus } from '@cooper/system-calls';
import { buildMessages } from '../core/build-messages.ts';
import { type FixedContents, fixedContents } from '../core/output-declaration.ts';
import { Rejection } from '../core/rejection.ts';
import { type PreparedBuild, placeOfMaking, type Version } from './build.ts';
import type { OutputDirectory } from './output-directory.ts';
import type { NewPath } from './registrar.ts';
import { type Location, statusOf } from './store-directory.ts';
import { type Inspection, inspecting } from './tree-inspection.ts';
import { withOutputs } from './with-outputs.ts';
import type { World } from './world.ts';

export interface JudgedOutput extends Version {
  readonly output: OutputPath;
  readonly isInPlace: boolean;
}

export interface JudgedPlace {
  readonly directory: OutputDirectory;
  readonly owner: number | undefined;
}

export class OutputJudge implements Disposable {
  readonly #world: World;
  readonly #build: PreparedBuild;
  readonly #place: JudgedPlace;
  /** Outputs may share files by hard links: one that was made canonical in the first is known in the others. */
  readonly #seen = new InodeSet();
  /** Paths that an output may refer to, by their hash parts. */
  readonly #candidates: ReadonlyMap<string, StorePath>;
  /** The hash parts of scratch paths, and what is to stand in their place. */
  readonly #rewrites: ReadonlyMap<string, string>;
  readonly #copies: Location[] = [];

  constructor(world: World, build: PreparedBuild, place: JudgedPlace) {
    this.#world = world;
    this.#build = build;
    this.#place = place;
    const outputs = Array.from(build.derivation.outputs.values(), (output) => output.path);
    this.#candidates = new Map([...build.inputs, ...outputs].map((path) => [storePathHashPart(path), path]));
    this.#rewrites = new Map(
      Array.from(build.scratch, ([path, scratch]) => [storePathHashPart(scratch), storePathHashPart(path)]),
    );
  }

  /** Throws a rejection where the output is not good. */
  async judge(output: OutputPath): Promise<JudgedOutput> {
    const fixed = fixedContents(this.#build.derivation.outputs.get(output.name) as DerivationOutput);
    const left = this.#find(output, fixed);
    await this.#refusing(output, treeCanonicalisation(left, this.#canonicalisation()));
    const isGood = fixed === undefined && this.#rewrites.size === 0;
    const location = isGood ? left : await this.#freshCopy(output, left);
    const inspection = await this.#refusing(output, inspecting(location, this.#candidates.keys(), fixed));
    checkContents(output, fixed, inspection);
    const info = withOutputs(this.#world, this.#info(output, inspection), location);
    return { output, info, location, isInPlace: this.#place.directory.isStore && isGood };
  }

  /** Copies that were not taken to their places. */
  [Symbol.dispose](): void {
    for (const copy of this.#copies) this.#world.staging.discard(copy);
  }

  #info({ path }: OutputPath, { narHash, narSize, hashParts }: Inspection): NewPath {
    const references = hashParts.map((part) => this.#candidates.get(part) as StorePath).sort();
    return { path, narHash, narSize, references, deriver: this.#build.path };
  }

  #canonicalisation(): { readonly seen: InodeSet; readonly ownerUid?: number } {
    const { owner } = this.#place;
    return { seen: this.#seen, ...(owner === undefined ? {} : { ownerUid: owner }) };
  }

  /** Where the output is. Its top must be such that nobody but the builder can have had a hand in it. */
  #find(output: OutputPath, fixed: FixedContents | undefined): Location {
    const location = this.#place.directory.locate(placeOfMaking(this.#build, output.path));
    const status = location === undefined ? undefined : statusOf(location);
    if (location === undefined || status === undefined) {
      throw new Rejection('output-missing', buildMessages.missing(this.#build.path, output.path), { output });
    }
    const isWritable = status.type !== 'symlink' && (status.mode & 0o022) !== 0;
    const isForeign = this.#place.owner !== undefined && status.user !== this.#place.owner && !this.#seen.has(status);
    if (isWritable || isForeign) throw suspicious(output);
    if (fixed?.recursive === false && !isPlainFile(status)) {
      throw new Rejection('not-a-regular-file', buildMessages.notRegular(output.path), { output });
    }
    return location;
  }

  /**
   * A copy of fresh inodes, in which hash parts of scratch paths are those of the outputs again. A builder whose contents
   * are known beforehand has the network, and may have handed a descriptor of its output to somebody who could write to
   * it later (CVE-2024-27297).
   */
  async #freshCopy(output: OutputPath, left: Location): Promise<Location> {
    const copy = this.#world.staging.place();
    this.#copies.push(copy);
    const options = { metadata: canonicalMetadata, rewrites: this.#rewrites };
    await this.#refusing(output, treeCopying(left, copy, options));
    this.#world.staging.discard(left);
    this.#world.pass('copied');
    return copy;
  }

  /** Takes `steps`; what they find wrong with the output becomes a rejection. */
  async #refusing<T>(output: OutputPath, steps: Generator<unknown, T, void>): Promise<T> {
    try {
      return await inSlices(steps);
    } catch (error) {
      throw isFault(error) ? (this.#rejection(output, error) ?? error) : error;
    }
  }

  #rejection(output: OutputPath, { code, facts, message }: Fault): Rejection | undefined {
    const path = `${this.#world.store.path}/${String(facts['path'])}`;
    const file = toBytes(fromText(path));
    switch (code) {
      case 'suspicious-ownership':
        return new Rejection(code, buildMessages.foreignFile(path), { output, file });
      case 'unsupported-file-type':
      case 'mount-in-tree':
        return new Rejection('unsupported-file-type', buildMessages.unsupportedType(path), { output, file });
      case 'tree-too-deep':
        return new Rejection('unsupported-file-type', message, { output });
      case 'file-changed':
      case 'tree-changed':
        return suspicious(output);
      case 'file-system-error':
        // Two names became one when hash parts were rewritten: no honest builder makes them.
        return facts['errorCode'] === 'EEXIST' ? suspicious(output) : undefined;
      default:
        return undefined;
    }
  }
}

function isPlainFile({ type, mode }: FileStatus): boolean {
  return type === 'regular' && (mode & 0o100) === 0;
}

function checkContents(output: OutputPath, fixed: FixedContents | undefined, { contentHash }: Inspection): void {
  if (fixed === undefined || contentHash === undefined || equalHashes(fixed.hash, contentHash)) return;
  // As the reference writes them for people (`printHash16or32`).
  const form = fixed.hash.algorithm === 'md5' ? 'base16' : 'base32';
  throw new Rejection('hash-mismatch', buildMessages.mismatch(output.path), {
    output,
    expected: formatHash(fixed.hash, form),
    actual: formatHash(contentHash, form),
  });
}

function suspicious(output: OutputPath): Rejection {
  return new Rejection('suspicious-ownership', buildMessages.suspicious(output.path), { output });
}
