/**
 * The judgement on the outputs of a build. Each is checked, made canonical, hashed and scanned where the builder left it;
 * when all are good, all are moved to their places and registered in one transaction.
 */
import { lstatSync, renameSync, type Stats } from 'node:fs';
import type { OutputPath, PathInfo } from '@cooper/contracts';
import { type DerivationOutput, parseHashMethod } from '@cooper/derivation';
import { isFault } from '@cooper/fault';
import {
  equalHashes,
  formatHash,
  formatPrefixedHash,
  type Hash,
  type HashAlgorithm,
  isHashAlgorithm,
  makeHash,
} from '@cooper/hash';
import { canonicaliseTree, type SeenFiles, treeCopying, treeScanning } from '@cooper/nar-files';
import { inSlices } from '@cooper/process';
import { type StorePath, storePathHashPart } from '@cooper/store-path';
import { closure } from '../core/closure.ts';
import { inOrder } from '../core/output-cycle.ts';
import { checkReferences } from '../core/reference-rules.ts';
import { Rejection } from '../core/rejection.ts';
import type { PreparedBuild } from './builds.ts';
import { fileHashing } from './file-hash.ts';
import type { NewPath } from './paths.ts';
import type { World } from './world.ts';

interface Place {
  /** What goes before a store path to name where the builder left it; empty: its real place. */
  readonly prefix: string;
  /** The user who must own everything. */
  readonly owner: number | undefined;
}

/** Judges and registers the missing outputs of `build`. Throws a rejection when one is not acceptable: then none is registered. */
export async function judgeOutputs(world: World, build: PreparedBuild, place: Place): Promise<readonly PathInfo[]> {
  const judge = new Judge(world, build, place);
  const judged: NewPath[] = [];
  for (const output of build.missing) judged.push(await judge.judge(output));
  const ordered = inOrder(judged);
  for (const { path, references } of ordered) {
    checkReferences(build.derivation, world.storeDir, {
      path,
      references,
      requisites: () => judge.requisites(path, references, judged),
    });
  }
  if (place.prefix !== '') for (const { path } of ordered) renameSync(`${place.prefix}${path}`, path);
  world.paths.register(ordered);
  return ordered.map(({ path }) => world.paths.info(path) as PathInfo);
}

class Judge {
  readonly #world: World;
  readonly #build: PreparedBuild;
  readonly #place: Place;
  /** Outputs may share files by hard links; a file seen in one is known in the others. */
  readonly #seen: SeenFiles = new Map();
  readonly #candidates: ReadonlyMap<string, StorePath>;

  constructor(world: World, build: PreparedBuild, place: Place) {
    this.#world = world;
    this.#build = build;
    this.#place = place;
    const outputs = Array.from(build.derivation.outputs.values(), (output) => output.path);
    this.#candidates = new Map([...build.inputs, ...outputs].map((path) => [storePathHashPart(path), path]));
  }

  async judge(output: OutputPath): Promise<NewPath> {
    const actual = `${this.#place.prefix}${output.path}`;
    const declared = this.#build.derivation.outputs.get(output.name) as DerivationOutput;
    this.#checkOwner(output, this.#find(output, actual));
    if (declared.hash !== '') await this.#checkFixed(output, declared, actual);
    this.#canonicalise(output, actual);
    const { hash, size, references } = await inSlices(treeScanning(actual, this.#candidates.keys()));
    return {
      path: output.path,
      narHash: formatPrefixedHash(hash, 'base16'),
      narSize: size,
      references: references.map((part) => this.#candidates.get(part) as StorePath).sort(),
      deriver: this.#build.path,
    };
  }

  #find(output: OutputPath, actual: string): Stats {
    const stats = lstatSync(actual, { throwIfNoEntry: false });
    if (stats !== undefined) return stats;
    throw new Rejection(
      'output-missing',
      `builder for \`${this.#build.path}' failed to produce output path \`${output.path}'`,
      { output },
    );
  }

  /** Whoever else could write to it may have had a hand in it. */
  #checkOwner(output: OutputPath, stats: Stats): void {
    const writable = !stats.isSymbolicLink() && (stats.mode & 0o022) !== 0;
    const foreign = this.#place.owner !== undefined && stats.uid !== this.#place.owner;
    if (writable || foreign) throw suspicious(output);
  }

  async #checkFixed(output: OutputPath, declared: DerivationOutput, actual: string): Promise<void> {
    const { algorithm, recursive } = hashMethod(declared.hashAlgo);
    const stats = lstatSync(actual);
    if (!recursive && (!stats.isFile() || (stats.mode & 0o100) !== 0)) {
      throw new Rejection(
        'not-a-regular-file',
        `output path \`${output.path} should be a non-executable regular file`,
        { output },
      );
    }
    // A builder with the network may have handed out a descriptor of the file: what is registered is a copy of it.
    await this.#refresh(actual);
    const expected = makeHash(algorithm, Buffer.from(declared.hash, 'hex'));
    const found: Hash = recursive
      ? (await inSlices(treeScanning(actual, [], { algorithm }))).hash
      : await inSlices(fileHashing(actual, algorithm));
    if (equalHashes(expected, found)) return;
    throw new Rejection('hash-mismatch', `hash mismatch for store item '${output.path}'`, {
      output,
      expected: formatHash(expected, 'base32'),
      actual: formatHash(found, 'base32'),
    });
  }

  async #refresh(actual: string): Promise<void> {
    const copy = `${this.#build.directory}/copy`;
    await inSlices(treeCopying(actual, copy));
    this.#world.staging.discard(actual);
    renameSync(copy, actual);
  }

  #canonicalise(output: OutputPath, actual: string): void {
    const refreshed = this.#build.derivation.outputs.get(output.name)?.hash !== '';
    const { owner } = this.#place;
    try {
      canonicaliseTree(actual, { seen: this.#seen, ...(owner === undefined || refreshed ? {} : { ownerUid: owner }) });
    } catch (error) {
      if (!isFault(error)) throw error;
      if (error.code === 'suspicious-ownership') throw suspicious(output);
      if (error.code === 'unsupported-file-type')
        throw new Rejection('unsupported-file-type', error.message, { output });
      throw error;
    }
  }

  /** Everything that references lead to: in the database, or among the outputs that are not registered yet. */
  requisites(path: StorePath, references: readonly StorePath[], judged: readonly NewPath[]): readonly StorePath[] {
    const fresh = new Map(judged.map((info) => [info.path, info.references]));
    const others = references.filter((reference) => reference !== path);
    return closure(others, (member) => fresh.get(member) ?? this.#world.paths.references(member));
  }
}

function hashMethod(hashAlgo: string): { algorithm: HashAlgorithm; recursive: boolean } {
  const { algorithm, recursive } = parseHashMethod(hashAlgo);
  if (!isHashAlgorithm(algorithm)) throw new Error(`a checked derivation with the hash algorithm ${algorithm}`);
  return { algorithm, recursive };
}

function suspicious(output: OutputPath): Rejection {
  const text = `suspicious ownership or permission on \`${output.path}'; rejecting this build output`;
  return new Rejection('suspicious-ownership', text, { output });
}
