/** Imports: streams that `nix-store --export` or our own export made. Each path is registered when it is whole. */
import type { Socket } from 'node:net';
import { Fault, isFault } from '@cooper/fault';
import type { Hasher } from '@cooper/hash';
import { parseStorePath, type StorePath } from '@cooper/store-path';
import { exportMagic } from '../core/export-format.ts';
import { ArchiveIntake, type Intake } from './archive-intake.ts';
import { ByteSource } from './byte-source.ts';
import { checkSignature } from './import-signature.ts';
import type { Keys } from './keys.ts';
import type { LeaseHolder } from './leases.ts';
import type { Location } from './store-directory.ts';
import { placeTree } from './trees.ts';
import type { World } from './world.ts';

/** More than any item refers to; what is announced is not believed further. */
const maxReferences = 100_000;

/** More than a signature by the largest RSA key has. */
const maxSignature = 64 * 1024;

interface Trailer {
  readonly path: StorePath;
  readonly references: readonly StorePath[];
  readonly deriver: StorePath | null;
}

export interface ImportOptions {
  readonly allowUnsigned: boolean;
  readonly holder: LeaseHolder;
}

export class Imports {
  readonly #world: World;
  readonly #keys: Keys;

  constructor(world: World, keys: Keys) {
    this.#world = world;
    this.#keys = keys;
  }

  /** Takes in everything that `socket` brings, and leases it to the channel. Gives the paths in the order of the stream. */
  async take(socket: Socket, options: ImportOptions): Promise<readonly StorePath[]> {
    const source = new ByteSource(socket as AsyncIterable<Buffer>);
    const imported: StorePath[] = [];
    while (await isNext(source)) imported.push(await this.#takeOne(source, options));
    if (!(await source.isAtEnd())) throw invalid('bytes after its end');
    return imported;
  }

  async #takeOne(source: ByteSource, { allowUnsigned, holder }: ImportOptions): Promise<StorePath> {
    const { staging, leases, pass } = this.#world;
    const staged = staging.place();
    try {
      const { narHash, narSize, hasher } = await restore(source, staged);
      pass('staged');
      const trailer = await source.hashing(hasher, () => this.#trailer(source));
      const signature = await readSignature(source);
      if (signature !== undefined) checkSignature(signature, hasher.digest().digest, this.#keys.trust.accessList);
      else if (!allowUnsigned) throw unsigned(trailer.path);
      await leases.add(holder, [trailer.path]);
      await placeTree(this.#world, { ...trailer, narHash, narSize }, staged);
      return trailer.path;
    } finally {
      staging.discard(staged);
    }
  }

  async #trailer(source: ByteSource): Promise<Trailer> {
    if ((await source.integer()) !== exportMagic) throw invalid('no magic number behind the archive');
    const path = this.#path(await source.string());
    const count = await source.integer();
    if (count > maxReferences) throw invalid(`${count} references`);
    const references = new Set<StorePath>();
    for (let index = 0; index < count; index++) references.add(this.#path(await source.string()));
    return { path, references: [...references].sort(), deriver: this.#deriver(await source.string()) };
  }

  /** Nix writes a name that is no path where it does not know the deriver. */
  #deriver(text: string): StorePath | null {
    return text === '' || text === 'unknown-deriver' ? null : this.#path(text);
  }

  #path(text: string): StorePath {
    try {
      return parseStorePath(this.#world.store.path, text);
    } catch (error) {
      throw isFault(error) ? invalid(error.message) : error;
    }
  }
}

async function isNext(source: ByteSource): Promise<boolean> {
  const mark = await source.integer();
  if (mark > 1) throw invalid(`the number ${mark} where 1 (a path) or 0 (the end) should be`);
  return mark === 1;
}

async function restore(source: ByteSource, staged: Location): Promise<Intake & { readonly hasher: Hasher }> {
  using intake = new ArchiveIntake(staged, { algorithm: 'sha256', recursive: true });
  await source.feed(
    (chunk) => intake.take(chunk),
    () => intake.isWhole,
  );
  return { ...intake.finish(), hasher: intake.hasher };
}

function invalid(what: string): Fault {
  return new Fault('invalid-export', `invalid export: ${what}`);
}

async function readSignature(source: ByteSource): Promise<Buffer | undefined> {
  const signatures = await source.integer();
  if (signatures > 1) throw invalid(`the number ${signatures} where 0 or 1 tells of a signature`);
  return signatures === 0 ? undefined : Buffer.from(await source.string(maxSignature), 'latin1');
}

function unsigned(path: StorePath): Fault {
  return new Fault('unsigned-import', `imported archive of \`${path}' lacks a signature`, { path });
}
