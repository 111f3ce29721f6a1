/** Finds out what the derivations of a plan need of each other, for a display that draws it. */
import type { storeContract } from '@cooper/contracts';
import { parseDerivation } from '@cooper/derivation';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import type { Display } from './display.ts';

/** Of larger plans only these many first ones are read: a terminal shows a few dozen. */
const most = 2000;

export class GraphReader {
  readonly #store: Client<typeof storeContract>;
  readonly #storeDir: string;
  readonly #display: Display;
  #count = 0;

  constructor(store: Client<typeof storeContract>, storeDir: string, display: Display) {
    this.#store = store;
    this.#storeDir = storeDir;
    this.#display = display;
  }

  /** Has these derivations read, and the display told. Nobody waits for it. */
  read(paths: readonly StorePath[]): void {
    if (this.#display.setInputs === undefined || this.#count >= most) return;
    this.#count += paths.length;
    this.#readAll(paths).catch((error: unknown) => this.#display.say(String(error)));
  }

  async #readAll(paths: readonly StorePath[]): Promise<void> {
    const { derivations } = await this.#store.call('queryDerivations', { paths: [...paths] });
    for (const { path, contents } of derivations) {
      if (contents === null) continue;
      const derivation = parseDerivation(contents, { storeDir: this.#storeDir, path });
      this.#display.setInputs?.(path, [...derivation.inputDerivations.keys()]);
    }
  }
}
