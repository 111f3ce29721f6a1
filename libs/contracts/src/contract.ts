/**
 * Contracts: what one process may ask of another, declared once. Client and server types, the run-time checks, and
 * docs/protocols/ all derive from the declaration.
 */
import type { Schema, Static } from './schema.ts';

/** One call of a contract: its parameters (always a record), its answer, and the items it may stream before that. */
export interface Method<P = unknown, R = unknown, I = unknown> {
  /** One sentence in the imperative: what the call does. */
  readonly about: string;
  readonly params: Schema<P>;
  readonly result: Schema<R>;
  /** What the server may stream to the client, in order, before the answer. Absent: nothing. */
  readonly item?: Schema<I>;
  /** Codes of errors that this call may answer with, beyond those that every call may. */
  readonly errors: readonly string[];
}

/** A contract: a name, a version that changes only when old peers must not talk on, and its calls. */
export interface Contract<M extends Methods = Methods> {
  readonly name: string;
  readonly version: number;
  readonly about: string;
  readonly methods: M;
}

// biome-ignore lint/suspicious/noExplicitAny: the calls of a contract differ in their types; `any` lets each keep its own
export type Methods = Readonly<Record<string, Method<any, any, any>>>;

export type MethodName<C extends Contract> = keyof C['methods'] & string;
export type Params<C extends Contract, N extends MethodName<C>> = Static<C['methods'][N]['params']>;
export type Result<C extends Contract, N extends MethodName<C>> = Static<C['methods'][N]['result']>;
/** The type of streamed items; `never` for calls that stream nothing. */
export type Item<C extends Contract, N extends MethodName<C>> = C['methods'][N] extends {
  readonly item: Schema<infer I>;
}
  ? I
  : never;

interface Declaration<P, R> {
  readonly about: string;
  readonly params: Schema<P>;
  readonly result: Schema<R>;
  readonly errors?: readonly string[];
}

/** Declares a call that answers once. */
export function method<P, R>(declaration: Declaration<P, R>): Omit<Method<P, R, never>, 'item'> {
  return { errors: [], ...declaration };
}

/** Declares a call that streams items before it answers. */
export function streamingMethod<P, R, I>(
  declaration: Declaration<P, R> & { readonly item: Schema<I> },
): Method<P, R, I> & { readonly item: Schema<I> } {
  return { errors: [], ...declaration };
}

/** Declares a contract. */
export function contract<const M extends Methods>(declaration: Contract<M>): Contract<M> {
  return declaration;
}
