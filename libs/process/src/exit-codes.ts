/** How processes end, in the numbers of sysexits.h. */
import type { Fault } from '@cooper/fault';

export const exitCodes = {
  /** A bad command line. */
  usage: 64,
  /** A bug was found: a broken invariant, or an error that nobody caught. */
  bug: 70,
  /** The process could not start or go on: a fault of a disk, a peer, a right. */
  fault: 71,
  /** Another process does this already: connect to that. */
  another: 75,
  /** A bad configuration file. */
  configuration: 78,
} as const;

const ofFaults: ReadonlyMap<string, number> = new Map([
  ['invalid-option', exitCodes.usage],
  ['invalid-configuration', exitCodes.configuration],
]);

/** The code of a process that ends because of `fault`. */
export function exitCodeOf(fault: Fault): number {
  return ofFaults.get(fault.code) ?? exitCodes.fault;
}
