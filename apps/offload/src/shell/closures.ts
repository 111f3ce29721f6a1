/** What a build needs, as a list that a machine can be given: references before referrers, each with its size. */
import type { storeContract } from '@cooper/contracts';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import type { Input } from './inputs.ts';

/** How many sizes are remembered. */
const remembered = 200_000;

export class Closures {
  readonly #store: Client<typeof storeContract>;
  readonly #sizes = new Map<StorePath, number>();

  constructor(store: Client<typeof storeContract>) {
    this.#store = store;
  }

  /** The derivation, all that it refers to (derivations included, as the reference sends them), and its inputs. */
  async of(derivation: StorePath, inputs: readonly StorePath[]): Promise<readonly Input[]> {
    const { paths } = await this.#store.call('queryClosure', { paths: [derivation, ...inputs] });
    const unknown = paths.filter((path) => !this.#sizes.has(path));
    if (unknown.length > 0) await this.#measure(unknown);
    return paths.map((path) => ({ path, size: this.#sizes.get(path) ?? 0 }));
  }

  async #measure(paths: readonly StorePath[]): Promise<void> {
    if (this.#sizes.size + paths.length > remembered) this.#sizes.clear();
    const { infos } = await this.#store.call('queryPathInfos', { paths });
    for (const info of infos) if (info !== null) this.#sizes.set(info.path, info.narSize);
  }
}
