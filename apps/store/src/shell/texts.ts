/** Adding texts, derivations among them: in lists, registered in one transaction. */
import { renameSync, rmdirSync, writeFileSync } from 'node:fs';
import type { TextItem } from '@cooper/contracts';
import { type Derivation, derivationReferences, parseDerivation } from '@cooper/derivation';
import { Fault } from '@cooper/fault';
import { formatPrefixedHash, hashBytes } from '@cooper/hash';
import { NarWriter } from '@cooper/nar';
import { canonicaliseTree } from '@cooper/nar-files';
import { isDerivationPath, makeTextPath, parseStorePath, type StorePath } from '@cooper/store-path';
import type { Derivations } from './derivations.ts';
import type { NewPath } from './paths.ts';
import type { World } from './world.ts';

interface Item extends NewPath {
  readonly contents: Uint8Array;
  readonly derivation: Derivation | undefined;
}

export class Texts {
  readonly #world: World;
  readonly #derivations: Derivations;

  constructor(world: World, derivations: Derivations) {
    this.#world = world;
    this.#derivations = derivations;
  }

  /** Adds `texts`, each of which may refer to those before it; gives their paths. All are registered, or none. */
  add(texts: readonly TextItem[]): readonly StorePath[] {
    const items = texts.map((text) => this.#item(text));
    const fresh = new Map(items.map((item) => [item.path, item]));
    for (const path of fresh.keys()) if (this.#world.paths.isValid(path)) fresh.delete(path);
    this.#checkReferences(fresh);
    this.#derivations.checkNew(derivationsOf(fresh.values()));
    this.#write([...fresh.values()]);
    return items.map((item) => item.path);
  }

  #item({ name, contents, references }: TextItem): Item {
    const { storeDir } = this.#world;
    const parsed = references.map((path) => parseStorePath(storeDir, path));
    const path = makeTextPath({ storeDir, name, contentsHash: hashBytes('sha256', contents), references: parsed });
    const derivation = isDerivationPath(path) ? parseDerivation(contents, { storeDir, path }) : undefined;
    if (derivation !== undefined) requireReferences(path, derivation, parsed);
    return { path, contents, derivation, references: parsed, deriver: null, ...narOf(contents) };
  }

  #checkReferences(fresh: ReadonlyMap<StorePath, Item>): void {
    for (const { path, references } of fresh.values()) {
      for (const reference of references) {
        if (fresh.has(reference) || this.#world.paths.isValid(reference)) continue;
        throw new Fault('path-not-valid', `cannot add \`${path}': it refers to \`${reference}', which is not valid`, {
          path,
          reference,
        });
      }
    }
  }

  #write(items: readonly Item[]): void {
    const { staging, paths } = this.#world;
    if (items.length === 0) return;
    const directory = staging.make();
    for (const [index, { path, contents }] of items.entries()) {
      const staged = `${directory}/${index}`;
      writeFileSync(staged, contents, { flag: 'wx', mode: 0o444 });
      canonicaliseTree(staged);
      staging.discard(path);
      renameSync(staged, path);
    }
    rmdirSync(directory);
    paths.register(items, items.flatMap(outputsOf));
  }
}

/** The reference trusts what it is told of a derivation's references; we hold it against what the derivation says. */
function requireReferences(path: StorePath, derivation: Derivation, references: readonly StorePath[]): void {
  const given = new Set(references);
  const missing = derivationReferences(derivation).find((reference) => !given.has(reference));
  if (missing === undefined) return;
  throw new Fault(
    'invalid-derivation',
    `derivation \`${path}' needs \`${missing}', which is not among its references`,
    { path, reference: missing },
  );
}

function outputsOf({ path, derivation }: Item): { drv: StorePath; name: string; path: StorePath }[] {
  return Array.from(derivation?.outputs ?? [], ([name, output]) => ({ drv: path, name, path: output.path }));
}

function derivationsOf(items: Iterable<Item>): ReadonlyMap<StorePath, Derivation> {
  const derivations = new Map<StorePath, Derivation>();
  for (const { path, derivation } of items) if (derivation !== undefined) derivations.set(path, derivation);
  return derivations;
}

function narOf(contents: Uint8Array): { narHash: string; narSize: number } {
  const pieces: Uint8Array[] = [];
  const writer = new NarWriter((piece) => pieces.push(Buffer.from(piece)));
  writer.file(false, contents.length);
  writer.contents(contents);
  writer.endFile();
  writer.flush();
  const nar = Buffer.concat(pieces);
  return { narHash: formatPrefixedHash(hashBytes('sha256', nar), 'base16'), narSize: nar.length };
}
