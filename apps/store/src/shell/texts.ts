/** Adding texts, derivations among them: in lists, registered in one transaction. */
import type { TextItem } from '@cooper/contracts';
import type { Derivation } from '@cooper/derivation';
import { Fault } from '@cooper/fault';
import { hashBytes } from '@cooper/hash';
import { canonicalMetadata } from '@cooper/nar-files';
import { inSlices } from '@cooper/process';
import { isDerivationPath, makeTextPath, parseStorePath, type StorePath } from '@cooper/store-path';
import { makeFileAt } from '@cooper/system-calls';
import { fileArchive } from '../core/file-archive.ts';
import { Claim } from './claim.ts';
import type { LeaseHolder } from './leases.ts';
import { type FinishedItem, freshItem, placeItems } from './placement.ts';
import type { World } from './world.ts';

/** How many texts are registered in one transaction: the lock of each is an open file. */
const batch = 1000;

interface Text {
  readonly path: StorePath;
  readonly contents: Uint8Array;
  readonly references: readonly StorePath[];
  readonly derivation: Derivation | undefined;
}

export class Texts {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Adds `texts`, each of which may refer to those before it, and leases them to the channel. Gives their paths. Those
   * of a batch are registered together, or none of them.
   */
  async add(texts: readonly TextItem[], holder: LeaseHolder): Promise<readonly StorePath[]> {
    const added: StorePath[] = [];
    for (let from = 0; from < texts.length; from += batch) {
      added.push(...(await this.#addBatch(texts.slice(from, from + batch), holder)));
    }
    return added;
  }

  async #addBatch(texts: readonly TextItem[], holder: LeaseHolder): Promise<readonly StorePath[]> {
    const parsed = await inSlices(this.#parsing(texts));
    const unique = new Map(parsed.map((text) => [text.path, text]));
    await this.#world.leases.add(holder, [...unique.keys()]);
    const wanted = this.#notValid(unique);
    if (wanted.size > 0) {
      await using _claim = await Claim.wait(this.#world, [...wanted.keys()]);
      await this.#addClaimed(this.#notValid(wanted));
    }
    return parsed.map((text) => text.path);
  }

  #notValid(texts: ReadonlyMap<StorePath, Text>): ReadonlyMap<StorePath, Text> {
    const valid = new Set(this.#world.paths.valid([...texts.keys()]));
    return new Map([...texts].filter(([path]) => !valid.has(path)));
  }

  *#parsing(texts: readonly TextItem[]): Generator<void, Text[], void> {
    const parsed: Text[] = [];
    for (const text of texts) {
      parsed.push(this.#parse(text));
      yield;
    }
    return parsed;
  }

  #parse({ name, contents, references: given }: TextItem): Text {
    const storeDir = this.#world.store.path;
    const references = [...new Set(given.map((path) => parseStorePath(storeDir, path)))].sort();
    const path = makeTextPath({ storeDir, name, contentsHash: hashBytes('sha256', contents), references });
    const derivation = isDerivationPath(path) ? this.#world.derivations.parse(path, contents) : undefined;
    return { path, contents, references, derivation };
  }

  async #addClaimed(fresh: ReadonlyMap<StorePath, Text>): Promise<void> {
    if (fresh.size === 0) return;
    await inSlices(this.#checking(fresh));
    await placeItems(this.#world, await inSlices(this.#finishing(fresh.values())));
  }

  *#checking(fresh: ReadonlyMap<StorePath, Text>): Generator<void, void, void> {
    const before = new Map<StorePath, Derivation>();
    const seen = new Set<StorePath>();
    for (const { path, references, derivation } of fresh.values()) {
      for (const reference of references) {
        if (!seen.has(reference) && !this.#world.paths.isValid(reference)) throw invalidReference(path, reference);
      }
      if (derivation !== undefined) {
        this.#world.derivations.check(path, derivation, { references, fresh: before });
        before.set(path, derivation);
      }
      seen.add(path);
      yield;
    }
  }

  *#finishing(texts: Iterable<Text>): Generator<void, FinishedItem[], void> {
    const items: FinishedItem[] = [];
    for (const text of texts) {
      items.push(this.#finish(text));
      yield;
    }
    return items;
  }

  #finish({ path, contents, references, derivation }: Text): FinishedItem {
    const { store, staging } = this.#world;
    const outputs = derivation === undefined ? {} : { outputs: derivation.outputs };
    const { directory, name } = store.locate(path);
    const info = { path, references, deriver: null, ...fileArchive(contents), ...outputs };
    return freshItem(this.#world, info, () => {
      if (store.status(path) !== undefined) staging.discard(store.locate(path));
      makeFileAt(directory, name, { mode: canonicalMetadata.file, contents, seconds: 1 });
    });
  }
}

function invalidReference(path: StorePath, reference: StorePath): Fault {
  const message = `cannot add \`${path}': it refers to \`${reference}', which is not valid`;
  return new Fault('path-not-valid', message, { path, reference });
}
