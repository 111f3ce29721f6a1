/** Substitute agents, from the two things that only their author knows: what there is, and where the bytes come from. */
import { type FetchOutcome, type SubstituteInfo, substituteContract } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import { formatPrefixedHash } from '@cooper/hash';
import { type Handlers, serve } from '@cooper/ipc';
import { type Narinfo, parseNarinfo } from '@cooper/narinfo';
import { run } from '@cooper/process';
import type { StorePath } from '@cooper/store-path';
import { deliver } from './delivery.ts';

export interface Substituter {
  /** For logs, and for `cooper ps`. */
  readonly name: string;
  /** Tells what can be fetched of `paths`, in their order; nil for what cannot. `urls`: the caches of the caller, if any. */
  find(paths: readonly StorePath[], urls?: readonly string[]): Promise<readonly (SubstituteInfo | null)[]>;
  /** Opens the archive (a NAR, out of its compression) of what `find` offered; nil when it is gone. */
  open(wanted: Wanted, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | null>;
}

/** What is to be fetched, as the caller remembers the offer. The store will hold what comes against the narinfo. */
export interface Wanted {
  readonly path: StorePath;
  readonly narinfo: Narinfo;
  /** The cache in which it was found. */
  readonly url: string;
  readonly urls?: readonly string[];
}

/** Runs `substituter` as a process: on standard input and output, or where the words of its command line say. */
export function defineSubstituter(substituter: Substituter): void {
  const { name } = substituter;
  run(name, async (context) => {
    const handlers = substituteHandlers(substituter);
    await context.serve(
      'substitute',
      (stream) => serve(substituteContract, handlers, stream, { server: name }).settled,
    );
  });
}

/** The functions of the contract. */
export function substituteHandlers(substituter: Substituter): Handlers<typeof substituteContract> {
  return {
    query: async ({ paths, urls }) => ({ infos: await substituter.find(paths, urls) }),
    fetch: async ({ ticket, narinfo: text, path, ...wish }, { signal }) => {
      const narinfo = parseNarinfo(path.slice(0, path.lastIndexOf('/')), text);
      try {
        const archive = await substituter.open({ path, narinfo, ...wish }, signal);
        if (archive === null) return { outcome: { status: 'not-found' } };
        return { outcome: fetchOutcome(wish.url, narinfo, await deliver(archive, ticket, signal)) };
      } catch (error) {
        if (!isFault(error) || error.code === 'cancelled') throw error;
        return { outcome: { status: 'failed', message: error.message } };
      }
    },
    fetchSmall: () => {
      throw new Fault('invalid-request', 'this agent does not have the feature small-archives');
    },
  };
}

function fetchOutcome(url: string, narinfo: Narinfo, delivered: { narHash: string; narSize: number }): FetchOutcome {
  const expected = formatPrefixedHash(narinfo.narHash, 'base16');
  const { narHash, narSize } = delivered;
  if (narHash !== expected) return { status: 'hash-mismatch', url, expected, actual: narHash };
  return { status: 'fetched', url, transferred: narSize, narHash, narSize };
}
