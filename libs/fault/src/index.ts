/**
 * Faults: errors of input, peers, disks and configuration, thrown where they are found and caught at the edge of a
 * process. A fault carries a stable code that programs can match, a message for people, and its facts as fields.
 *
 * Expected outcomes (a failed build, a missing substitute) are data, not faults; broken invariants are bugs, thrown as
 * plain `Error`, and end the process.
 */

/** What is known about a fault, by name. Values are small and printable: paths, numbers, words. */
export type Facts = Readonly<Record<string, unknown>>;

/** An error with a stable kebab-case `code` (listed in docs/errors.md), a message for people, and `facts` as fields. */
export class Fault extends Error {
  readonly code: string;
  readonly facts: Facts;

  constructor(code: string, message: string, facts: Facts = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Fault';
    this.code = code;
    this.facts = facts;
  }
}

/** True when `error` is a fault, of the given code where one is named. */
export function isFault(error: unknown, code?: string): error is Fault {
  return error instanceof Fault && (code === undefined || error.code === code);
}
