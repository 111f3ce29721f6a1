/** How a fetch failed, from what the agent and the store say of it. */
import type { FetchOutcome } from '@cooper/contracts';
import type { FetchEnd } from '../core/event.ts';

/** What became of the agent's part. `lost`: its channel ended, or it failed in a way of its own. */
export type AgentEnd =
  | FetchOutcome
  | { readonly status: 'cancelled' }
  | { readonly status: 'lost'; readonly message: string };

/** What the store says when it will not have an item. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly facts: { readonly expected?: unknown; readonly actual?: unknown };
}

/** Ends of the agent's part that are failures of its own. */
type AgentFailure = Exclude<AgentEnd, { readonly status: 'fetched' | 'cancelled' | 'refused' }>;

/** What counts is the agent's word where it failed by itself; else it is the store that will not have it. */
export function failure(end: AgentEnd | undefined, refusal: Refusal): FetchEnd {
  if (end === undefined) return storeFailure(refusal);
  switch (end.status) {
    case 'fetched':
    case 'cancelled':
      return storeFailure(refusal);
    case 'refused':
      return { ...storeFailure(refusal), ...(isOfTheBytes(refusal) ? mayBeElsewhere(end) : {}) };
    default:
      return agentFailure(end);
  }
}

/** Whether the store has refused the bytes that came. */
export function isOfTheBytes({ code }: { readonly code: string }): boolean {
  return code === 'invalid-nar' || code === 'hash-mismatch';
}

export function agentFailure(end: AgentFailure): FetchEnd {
  switch (end.status) {
    case 'hash-mismatch': {
      const { expected, actual } = end;
      return { status: 'failed', code: 'hash-mismatch', message: '', expected, actual, ...mayBeElsewhere(end) };
    }
    case 'not-found':
      return { status: 'failed', code: 'not-found', message: '' };
    case 'failed':
      return { status: 'failed', code: 'failed', message: end.message };
    case 'lost':
      return { status: 'failed', code: 'agent-lost', message: end.message };
  }
}

export function storeFailure({ code, message, facts }: Refusal): FetchEnd {
  const { expected, actual } = facts;
  const hashes = typeof expected === 'string' && typeof actual === 'string' ? { expected, actual } : {};
  return { status: 'failed', code, message, ...hashes };
}

function mayBeElsewhere({ elsewhere }: { readonly elsewhere?: boolean }): { readonly elsewhere?: true } {
  return elsewhere === true ? { elsewhere } : {};
}
