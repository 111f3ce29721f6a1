/** Why the outputs of a build are not acceptable: an expected outcome, carried as an exception to where it becomes data. */
import type { Registration } from '@cooper/contracts';

type Rejected = Extract<Registration, { status: 'rejected' }>;
type Facts = Omit<Rejected, 'status' | 'code' | 'message'>;

export class Rejection extends Error {
  readonly code: Rejected['code'];
  readonly facts: Facts;

  constructor(code: Rejected['code'], message: string, facts: Facts = {}) {
    super(message);
    this.code = code;
    this.facts = facts;
  }

  /** The answer that the store gives. */
  asRegistration(): Rejected {
    return { status: 'rejected', code: this.code, message: this.message, ...this.facts };
  }
}
