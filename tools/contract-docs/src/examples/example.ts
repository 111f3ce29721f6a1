/** An example of each call of a contract: what goes there, what comes back. The compiler holds it against the contract. */
import type { Contract, Item, MethodName, Params, Result } from '@cooper/contracts';

export interface Example<C extends Contract, N extends MethodName<C>> {
  readonly params: Params<C, N>;
  /** What is streamed before the answer. */
  readonly items?: readonly Item<C, N>[];
  readonly result: Result<C, N>;
}

/** One for every call. */
export type Examples<C extends Contract> = { readonly [N in MethodName<C>]: Example<C, N> };

/** The same, for whoever goes through calls by their names. */
export type AnyExamples = Readonly<
  Record<string, { readonly params: unknown; readonly items?: readonly unknown[]; readonly result: unknown }>
>;
