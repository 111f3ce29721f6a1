/** The options of a session, as a client sends them. */
import type { ByteString } from '@cooper/byte-string';
import { between, integer, pairs, record, since, type ValueOf } from './codec.ts';

/** The minor version since which numbers of jobs, cores and seconds travel among the pairs. */
const pairsOnly = 0x61;

/** Fields in their order. Truth is a number other than 0, unless said otherwise. */
export const sessionOptions = record({
  keepFailed: integer,
  keepGoing: integer,
  fallback: integer,
  verbosity: integer,
  maxJobs: between(0, pairsOnly, integer),
  maxSilentTime: between(0, pairsOnly, integer),
  useBuildHook: since(2, integer),
  buildVerbosity: since(4, integer),
  logType: since(4, integer),
  printBuildTrace: since(4, integer),
  buildCores: between(6, pairsOnly, integer),
  useSubstitutes: since(10, integer),
  pairs: since(12, pairs),
});

export type SessionOptions = ValueOf<typeof sessionOptions>;

/** Options as a client of ours sends them. */
export function makeSessionOptions(
  wishes: Partial<SessionOptions> = {},
  named: Readonly<Record<string, string>> = {},
): SessionOptions {
  return {
    keepFailed: 0,
    keepGoing: 0,
    fallback: 0,
    verbosity: 0,
    maxJobs: 1,
    maxSilentTime: 0,
    useBuildHook: 1,
    buildVerbosity: 0,
    logType: 0,
    printBuildTrace: 1,
    buildCores: 0,
    useSubstitutes: 1,
    pairs: Object.entries(named) as unknown as readonly (readonly [ByteString, ByteString])[],
    ...wishes,
  };
}
