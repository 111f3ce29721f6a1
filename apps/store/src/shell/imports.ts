/** Imports: streams that `nix-store --export` or our own export made. Each path is registered when it is whole. */
import { renameSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Fault } from '@cooper/fault';
import { canonicaliseTree } from '@cooper/nar-files';
import { isDerivationPath, parseStorePath, type StorePath } from '@cooper/store-path';
import { ArchiveIntake } from './archive-intake.ts';
import { ByteSource } from './byte-source.ts';
import type { Derivations } from './derivations.ts';
import { exportMagic } from './export-format.ts';
import type { World } from './world.ts';

/** More than any item refers to; what is announced is not believed further. */
const maxReferences = 1_000_000;

interface Trailer {
  readonly path: StorePath;
  readonly references: readonly StorePath[];
  readonly deriver: StorePath | null;
  readonly signed: boolean;
}

export class Imports {
  readonly #world: World;
  readonly #derivations: Derivations;

  constructor(world: World, derivations: Derivations) {
    this.#world = world;
    this.#derivations = derivations;
  }

  /** Takes in everything that `socket` brings; gives the paths that are valid now, in order. */
  async take(socket: Socket, { allowUnsigned }: { readonly allowUnsigned: boolean }): Promise<readonly StorePath[]> {
    const source = new ByteSource(socket as AsyncIterable<Buffer>);
    const imported: StorePath[] = [];
    while (await isNext(source)) imported.push(await this.#takeOne(source, allowUnsigned));
    if (!(await source.isAtEnd())) throw new Fault('invalid-export', 'invalid export: bytes after its end');
    return imported;
  }

  async #takeOne(source: ByteSource, allowUnsigned: boolean): Promise<StorePath> {
    const { staging, paths } = this.#world;
    const directory = staging.make();
    try {
      const staged = `${directory}/item`;
      const intake = new ArchiveIntake(staged, { algorithm: 'sha256', recursive: true });
      await source.feed(
        (chunk) => intake.take(chunk),
        () => intake.isWhole,
      );
      const { narHash, narSize } = intake.finish();
      const { path, references, deriver } = await this.#trailer(source, allowUnsigned);
      if (paths.isValid(path)) return path;
      this.#checkReferences(path, references);
      canonicaliseTree(staged);
      staging.discard(path);
      renameSync(staged, path);
      paths.register([{ path, references, deriver, narHash, narSize }], this.#outputs(path));
      return path;
    } finally {
      staging.discard(directory);
    }
  }

  async #trailer(source: ByteSource, allowUnsigned: boolean): Promise<Trailer> {
    if ((await source.integer()) !== exportMagic)
      throw new Fault('invalid-export', 'invalid export: no magic number behind the archive');
    const { storeDir } = this.#world;
    const path = parseStorePath(storeDir, await source.string());
    const count = await source.integer();
    if (count > maxReferences) throw new Fault('invalid-export', `invalid export: ${count} references`);
    const references: StorePath[] = [];
    for (let index = 0; index < count; index++) references.push(parseStorePath(storeDir, await source.string()));
    const deriver = await source.string();
    const signed = (await source.integer()) !== 0;
    if (signed) await source.string();
    // A signature that nobody has checked is worth nothing; until keys are known, only what needs none comes in.
    if (!allowUnsigned) throw new Fault('unsigned-import', `\`${path}' is not signed by an authorised key`, { path });
    return { path, references, deriver: deriver === '' ? null : parseStorePath(storeDir, deriver), signed };
  }

  #checkReferences(path: StorePath, references: readonly StorePath[]): void {
    const missing = references.find((reference) => reference !== path && !this.#world.paths.isValid(reference));
    if (missing === undefined) return;
    throw new Fault('path-not-valid', `cannot import \`${path}': it refers to \`${missing}', which is not valid`, {
      path,
      reference: missing,
    });
  }

  #outputs(path: StorePath): { drv: StorePath; name: string; path: StorePath }[] {
    if (!isDerivationPath(path)) return [];
    const { outputs } = this.#derivations.read(path);
    return Array.from(outputs, ([name, output]) => ({ drv: path, name, path: output.path }));
  }
}

async function isNext(source: ByteSource): Promise<boolean> {
  const mark = await source.integer();
  if (mark > 1) throw new Fault('invalid-export', `invalid export: ${mark} where an item or the end should be`);
  return mark === 1;
}
