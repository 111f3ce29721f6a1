/** Builds for the near side: each is a request to the scheduler of this machine, beside those of its own users. */
import type { Outcome, Params, remoteContract, SchedulerEvent } from '@cooper/contracts';
import type { Call } from '@cooper/ipc';
import { BuildAccount } from '../core/build-outcome.ts';
import { referencesFirst } from '../core/reference-order.ts';
import { sendArchives } from './export-pieces.ts';
import type { Imports } from './imports.ts';
import type { RemoteParts } from './parts.ts';

type Wish = Params<typeof remoteContract, 'build'>;
type BuildCall = Call<typeof remoteContract, 'build'>;

export class Builds {
  readonly #parts: RemoteParts;
  readonly #imports: Imports;

  constructor(parts: RemoteParts, imports: Imports) {
    this.#parts = parts;
    this.#imports = imports;
  }

  async build(wish: Wish, call: BuildCall): Promise<Outcome> {
    for (const number of wish.imports) await this.#imports.whenDone(number, call.signal);
    // Kept until the near side goes: nobody else may know of it.
    await this.#parts.store.call('addLeases', { paths: [wish.derivation], outputs: true });
    const account = new BuildAccount(wish.derivation, Date.now());
    const result = await this.#realise(wish, call, account);
    const outcome = account.outcome(result, Date.now());
    if (outcome.status === 'succeeded') await this.#sendOutputs(wish, call);
    return outcome;
  }

  async #realise({ derivation, outputs, limits, substitute }: Wish, call: BuildCall, account: BuildAccount) {
    const target = outputs.length === 0 ? derivation : `${derivation}!${outputs.join()}`;
    const client = { name: 'cooper remote', uid: process.getuid?.() ?? 0 };
    const options = { limits, substitutes: substitute, fallback: true, offload: false, client };
    const onItem = (event: SchedulerEvent) => {
      const told = account.take(event);
      return told === undefined ? undefined : call.send(told);
    };
    const wish = { targets: [target], mode: 'normal', options } as const;
    const { results, message } = await this.#parts.scheduler.call('realise', wish, { onItem, signal: call.signal });
    return results[0] ?? { target, status: 'misc-failure', outputs: [], message: message ?? '' };
  }

  async #sendOutputs({ derivation, outputs, compression }: Wish, call: BuildCall): Promise<void> {
    const { store } = this.#parts;
    const made = await store.call('queryDerivationOutputs', { paths: [derivation] });
    const all = made.outputs.flat();
    const wanted = all.filter(({ name }) => outputs.includes(name)).map(({ path }) => path);
    if (wanted.length === 0) return;
    const { infos } = await store.call('queryPathInfos', { paths: all.map(({ path }) => path) });
    const toSend = referencesFirst(
      infos.filter((info) => info !== null),
      wanted,
    );
    const paths = toSend.map(({ path }) => path);
    const size = toSend.reduce((sum, { narSize }) => sum + narSize, 0);
    await call.send({ event: 'outputs', paths, size, compression });
    const send = (data: Uint8Array) => call.send({ event: 'piece', data });
    await sendArchives(store, { paths, compression, signal: call.signal }, send);
  }
}
