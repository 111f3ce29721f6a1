/**
 * Builds, from the lock to the registration. Between `prepare` and `register` the store holds the locks of the outputs and
 * a staging directory; whatever ends a build gives both back.
 */
import { lstatSync } from 'node:fs';
import type { BuildMode, OutputPath, Preparation, Registration } from '@cooper/contracts';
import type { Derivation } from '@cooper/derivation';
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';
import { closure } from '../core/closure.ts';
import { Rejection } from '../core/rejection.ts';
import type { Derivations } from './derivations.ts';
import { judgeOutputs } from './judgement.ts';
import { PathLocks } from './path-lock.ts';
import type { World } from './world.ts';

export interface PreparedBuild {
  readonly path: StorePath;
  readonly derivation: Derivation;
  readonly directory: string;
  readonly inputs: readonly StorePath[];
  readonly missing: readonly OutputPath[];
  readonly locks: PathLocks;
}

/** The builds of one channel. */
export class Builds {
  readonly #world: World;
  readonly #derivations: Derivations;
  readonly #prepared = new Map<number, PreparedBuild>();
  #last = 0;

  constructor(world: World, derivations: Derivations) {
    this.#world = world;
    this.#derivations = derivations;
  }

  prepare(path: StorePath, mode: BuildMode): Preparation {
    if (mode !== 'normal') throw new Fault('invalid-request', `builds in mode \`${mode}' are not prepared`, { mode });
    if (!this.#world.paths.isValid(path))
      throw new Fault('path-not-valid', `derivation \`${path}' is not valid`, { path });
    const derivation = this.#derivations.read(path);
    const outputs = Array.from(derivation.outputs, ([name, output]) => ({ name, path: output.path }));
    const locks = new PathLocks();
    const locked = locks.take(outputs.map((output) => output.path));
    if (locked !== undefined) return { status: 'locked', path: locked };
    try {
      return this.#prepareLocked({ path, derivation, outputs, locks });
    } catch (error) {
      locks.release();
      throw error;
    }
  }

  #prepareLocked(build: {
    path: StorePath;
    derivation: Derivation;
    outputs: readonly OutputPath[];
    locks: PathLocks;
  }): Preparation {
    const { path, derivation, outputs, locks } = build;
    const { paths, staging } = this.#world;
    const missing = outputs.filter((output) => !paths.isValid(output.path));
    const inputs = missing.length === 0 ? [] : this.#inputs(path, derivation);
    if (missing.length === 0 || !Array.isArray(inputs)) {
      locks.release();
      return missing.length === 0 ? { status: 'valid' } : { status: 'missing-input', path: inputs as StorePath };
    }
    // What lies at the place of an invalid output is of no use to anybody, and would be in the way.
    for (const output of missing) staging.discard(output.path);
    const directory = staging.make();
    const number = ++this.#last;
    this.#prepared.set(number, { path, derivation, directory, inputs, missing, locks });
    return {
      status: 'prepared',
      build: number,
      directory: Buffer.from(directory),
      contents: this.#derivations.contents(path),
      inputs,
      missing,
      valid: outputs.filter((output) => !missing.includes(output)),
    };
  }

  /** The closure of the inputs of a derivation, or an input that is not valid. */
  #inputs(path: StorePath, derivation: Derivation): readonly StorePath[] | StorePath {
    const { paths } = this.#world;
    const roots: StorePath[] = [...derivation.inputSources];
    for (const [input, names] of derivation.inputDerivations) {
      const outputs = this.#derivations.read(input).outputs;
      for (const name of names) {
        const output = outputs.get(name) ?? missingOutput(path, input, name);
        roots.push(output.path);
      }
    }
    const invalid = roots.find((root) => !paths.isValid(root));
    return invalid ?? closure(roots, (member) => paths.references(member));
  }

  /** Judges, moves and registers the outputs of a build; it is over, whatever comes of it. */
  async register(
    number: number,
    where: { readonly root?: Uint8Array; readonly owner?: number },
  ): Promise<Registration> {
    const build = this.#take(number);
    try {
      const root = where.root === undefined ? '' : Buffer.from(where.root).toString();
      const prefix = where.root === undefined ? '' : `${build.directory}/${root}`;
      const infos = await judgeOutputs(this.#world, build, { prefix, owner: where.owner });
      return { status: 'registered', infos };
    } catch (error) {
      if (error instanceof Rejection) return error.asRegistration();
      throw error;
    } finally {
      this.#end(build);
    }
  }

  abandon(number: number): void {
    this.#end(this.#take(number));
  }

  /** The channel is gone, and with it everybody who could end its builds. */
  abandonAll(): void {
    for (const number of [...this.#prepared.keys()]) this.abandon(number);
  }

  #take(number: number): PreparedBuild {
    const build = this.#prepared.get(number);
    if (build === undefined)
      throw new Fault('unknown-build', `there is no build ${number} on this channel`, { build: number });
    this.#prepared.delete(number);
    return build;
  }

  /** What a build leaves behind: outputs that were not registered, its staging directory, its locks. */
  #end({ missing, directory, locks }: PreparedBuild): void {
    const { paths, staging } = this.#world;
    for (const { path } of missing) if (!paths.isValid(path) && exists(path)) staging.discard(path);
    staging.discard(directory);
    locks.release();
  }
}

function missingOutput(path: StorePath, input: StorePath, name: string): never {
  const text = `derivation \`${path}' requires non-existent output \`${name}' from input derivation \`${input}'`;
  throw new Fault('invalid-derivation', text, { path, input, output: name });
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
