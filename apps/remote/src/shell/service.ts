/** Serves the remote contract by the store and the scheduler of this machine. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Params, Result, remoteContract } from '@cooper/contracts';
import type { Call, Handlers } from '@cooper/ipc';
import { Builds } from './builds.ts';
import { sendArchives } from './export-pieces.ts';
import { Imports } from './imports.ts';
import { measureStatus } from './machine.ts';
import type { RemoteParts } from './parts.ts';

type Contract = typeof remoteContract;

export class RemoteService {
  readonly handlers: Handlers<Contract>;
  readonly #parts: RemoteParts;

  constructor(parts: RemoteParts) {
    this.#parts = parts;
    const imports = new Imports(parts.store);
    const builds = new Builds(parts, imports);
    this.handlers = {
      describe: () => parts.machine,
      watchStatus: (params, call) => this.#watchStatus(params, call),
      queryMissing: (params, call) => this.#queryMissing(params, call),
      importPiece: async (piece, { signal }) => {
        await imports.take(piece, signal);
        return {};
      },
      build: async (wish, call) => ({ outcome: await builds.build(wish, call) }),
      exportPaths: async ({ paths, compression }, call) => {
        await sendArchives(parts.store, { paths, compression, signal: call.signal }, (data) => call.send({ data }));
        return {};
      },
    };
  }

  async #watchStatus({ period }: Params<Contract, 'watchStatus'>, call: Call<Contract, 'watchStatus'>) {
    while (!call.signal.aborted) {
      await call.send(await measureStatus(this.#parts));
      await delay(period, undefined, { signal: call.signal }).catch(whenAborted);
    }
    return {};
  }

  /** Leased first: what is valid then stays so. */
  async #queryMissing(
    { paths, substitute }: Params<Contract, 'queryMissing'>,
    { signal }: Call<Contract, 'queryMissing'>,
  ): Promise<Result<Contract, 'queryMissing'>> {
    const { store, scheduler } = this.#parts;
    await store.call('addLeases', { paths });
    const missing = await this.#missing(paths);
    if (!substitute || missing.length === 0) return { paths: missing };
    // What cannot be had is told below.
    await scheduler.call('ensure', { paths: missing, options: { keepGoing: true, substitutes: true } }, { signal });
    return { paths: await this.#missing(missing) };
  }

  async #missing(paths: Params<Contract, 'queryMissing'>['paths']) {
    const valid = new Set((await this.#parts.store.call('queryValidPaths', { paths })).paths);
    return paths.filter((path) => !valid.has(path));
  }
}

function whenAborted(error: unknown): void {
  if ((error as Error).name !== 'AbortError') throw error;
}
