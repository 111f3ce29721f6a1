/** The operations, by name: what each does with its arguments. */
import type { Arguments, OperationName, Reply } from '@cooper/worker-protocol';
import { additions } from './operations/additions.ts';
import { builds } from './operations/builds.ts';
import { options } from './operations/options.ts';
import { queries } from './operations/queries.ts';
import { substitutes } from './operations/substitutes.ts';
import { transfers } from './operations/transfers.ts';
import { upkeep } from './operations/upkeep.ts';
import type { Session } from './session.ts';

export interface Operation<A, R> {
  /** The arguments that must be paths in the store. */
  readonly paths?: (wish: A) => readonly string[];
  /** Looks at the arguments. What it throws ends the session. */
  readonly check?: (wish: A, session: Session) => void;
  /** It has more to read than arguments, and calls `begin` itself. */
  readonly readsOn?: true;
  readonly run: (wish: A, session: Session) => Promise<R> | R;
}

export type Operations = { readonly [N in OperationName]: Operation<Arguments<N>, Reply<N>> };

export type AnyOperation = Operation<unknown, unknown>;

const operations: Operations = {
  ...queries,
  ...additions,
  ...builds,
  ...substitutes,
  ...transfers,
  ...upkeep,
  ...options,
};

export function anyOperation(name: OperationName): AnyOperation {
  return operations[name] as AnyOperation;
}
