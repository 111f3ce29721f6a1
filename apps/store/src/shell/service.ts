/** Serves the store contract on one channel: from calls to the parts of the store, and back. */
import type { storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Handlers } from '@cooper/ipc';
import { isDerivationPath, parseStorePath, type StorePath } from '@cooper/store-path';
import { closure } from '../core/closure.ts';
import { Builds } from './builds.ts';
import type { Derivations } from './derivations.ts';
import type { Imports } from './imports.ts';
import type { Leases } from './leases.ts';
import type { Texts } from './texts.ts';
import type { Trees } from './trees.ts';
import type { World } from './world.ts';

export interface StoreParts {
  readonly world: World;
  readonly derivations: Derivations;
  readonly texts: Texts;
  readonly trees: Trees;
  readonly imports: Imports;
  readonly leases: Leases;
}

/** How many paths go in one item of a stream. */
const batch = 1000;

export class StoreService {
  readonly #parts: StoreParts;
  readonly #builds: Builds;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#builds = new Builds(parts.world, parts.derivations);
  }

  /** What was bound to the channel goes with it. */
  channelClosed(channel: number): void {
    this.#builds.abandonAll();
    this.#parts.leases.release(channel);
  }

  get handlers(): Handlers<typeof storeContract> {
    const { world, texts, trees, imports, leases } = this.#parts;
    const { paths, bulk, storeDir } = world;
    return {
      queryPathInfos: (params) => ({ infos: this.#parse(params.paths).map((path) => paths.info(path)) }),
      queryValidPaths: (params) => ({ paths: this.#parse(params.paths).filter((path) => paths.isValid(path)) }),
      queryAllValidPaths: async (_params, call) => {
        const all = Array.from(paths.all(), ({ path }) => path);
        for (let from = 0; from < all.length; from += batch) await call.send({ paths: all.slice(from, from + batch) });
        return {};
      },
      queryReferrers: (params) => ({ referrers: this.#parse(params.paths).map((path) => paths.referrers(path)) }),
      queryDerivers: (params) => ({ derivers: this.#parse(params.paths).map((path) => paths.derivers(path)) }),
      queryClosure: (params) => ({ paths: this.#closure(params) }),
      queryPathFromHashPart: ({ hashPart }) => ({ path: paths.withPrefix(`${storeDir}/${hashPart}-`) }),
      queryDerivations: (params) => ({ derivations: this.#parse(params.paths).map((path) => this.#derivation(path)) }),
      addTexts: (params) => ({ paths: texts.add(params.texts) }),
      addTree: async (params, call) => {
        const { ticket, connection } = bulk.issue(call.signal);
        await call.send(ticket);
        return { info: await trees.add(params, await connection) };
      },
      dumpPath: async ({ path }, call) => {
        const valid = this.#valid(path);
        const { ticket, connection } = bulk.issue(call.signal);
        await call.send(ticket);
        const { narHash, narSize } = await trees.dump(valid, await connection);
        return { narHash, narSize };
      },
      exportPaths: async (params, call) => {
        const valid = params.paths.map((path) => this.#valid(path));
        const { ticket, connection } = bulk.issue(call.signal);
        await call.send(ticket);
        await trees.export(valid, await connection);
        return {};
      },
      importPaths: async ({ allowUnsigned }, call) => {
        const { ticket, connection } = bulk.issue(call.signal);
        await call.send(ticket);
        return { paths: await imports.take(await connection, { allowUnsigned }) };
      },
      addLeases: (params, call) => {
        leases.add(call.channel.id, this.#parse(params.paths));
        return {};
      },
      prepareBuild: ({ derivation, mode }) => this.#builds.prepare(parseStorePath(storeDir, derivation), mode),
      registerOutputs: ({ build, root, owner }) =>
        this.#builds.register(build, {
          ...(root === undefined ? {} : { root }),
          ...(owner === undefined ? {} : { owner }),
        }),
      abandonBuild: ({ build }) => {
        this.#builds.abandon(build);
        return {};
      },
    };
  }

  /** Holds every path against our own store directory: the contract checks only their shape. */
  #parse(paths: readonly string[]): StorePath[] {
    return paths.map((path) => parseStorePath(this.#parts.world.storeDir, path));
  }

  #valid(text: string): StorePath {
    const path = parseStorePath(this.#parts.world.storeDir, text);
    if (!this.#parts.world.paths.isValid(path))
      throw new Fault('path-not-valid', `path \`${path}' is not valid`, { path });
    return path;
  }

  #derivation(path: StorePath) {
    const { world, derivations } = this.#parts;
    if (!world.paths.isValid(path)) return { path, contents: null, validOutputs: [] };
    const outputs = world.paths.outputs(path).filter((output) => world.paths.isValid(output.path));
    return { path, contents: derivations.contents(path), validOutputs: outputs.map(({ id }) => id) };
  }

  #closure({
    paths: from,
    direction,
    includeOutputs,
  }: {
    paths: readonly StorePath[];
    direction?: 'references' | 'referrers';
    includeOutputs?: boolean;
  }): readonly StorePath[] {
    const { paths } = this.#parts.world;
    const roots = from.map((path) => this.#valid(path));
    if (direction === 'referrers') return closure(roots, (path) => paths.referrers(path));
    const outputs = (path: StorePath) =>
      paths
        .outputs(path)
        .map((output) => output.path)
        .filter((output) => paths.isValid(output));
    return closure(roots, (path) =>
      includeOutputs && isDerivationPath(path) ? [...paths.references(path), ...outputs(path)] : paths.references(path),
    );
  }
}
