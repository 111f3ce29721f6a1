/** A program that stands before one of ours and spoils what it says: calls and answers go through, but for one fault. */
import { type Subject, streamSubject } from '@cooper/conformance';
import type { Contract } from '@cooper/contracts';
import { type Client, connect, type Handlers, memoryPair, serve } from '@cooper/ipc';

type Params = Readonly<Record<string, unknown>>;
type Forward = (params: Params) => Promise<unknown>;

/** What a fault changes of one call; what it leaves out goes through as it is. */
export interface Fault {
  readonly method: string;
  readonly params?: (params: Params) => Params;
  /** Nothing: the item is lost. */
  readonly item?: (item: Params) => Params | undefined;
  readonly result?: (result: Params, params: Params) => unknown;
  /** Does the whole call. */
  readonly call?: (params: Params, forward: Forward) => Promise<unknown>;
  /** Goes on when the caller has lost interest. */
  readonly deaf?: boolean;
}

/** Stands before `behind`; without a fault nothing is changed, so that what fails is the fault's doing. */
export async function spoil<S extends Subject>(behind: S, contract: Contract, fault?: Fault): Promise<S> {
  const client = await connect(contract, behind.stream, { client: 'spoiler' });
  const [near, far] = memoryPair();
  serve(contract, spoiltHandlers(contract, client, fault), far, { server: 'spoilt', features: client.features });
  const subject = streamSubject(near, () => behind.close());
  return { ...behind, ...subject, log: behind.log, patience: 7000 };
}

function spoiltHandlers(contract: Contract, client: Client<Contract>, fault: Fault | undefined): Handlers<Contract> {
  const handlers = Object.keys(contract.methods).map((method) => {
    const own = fault?.method === method ? fault : undefined;
    const handler = (params: Params, call: { send(item: unknown): Promise<void>; signal: AbortSignal }) => {
      const onItem = async (item: unknown) => {
        const changed = own?.item === undefined ? item : own.item(item as Params);
        if (changed !== undefined) await call.send(changed);
      };
      const signal = own?.deaf === true ? new AbortController().signal : call.signal;
      const forward: Forward = async (wanted) => {
        const result = await client.call(method, (own?.params?.(wanted) ?? wanted) as never, { onItem, signal });
        return own?.result === undefined ? result : own.result(result as Params, wanted);
      };
      return own?.call === undefined ? forward(params) : own.call(params, forward);
    };
    return [method, handler];
  });
  return Object.fromEntries(handlers) as Handlers<Contract>;
}
