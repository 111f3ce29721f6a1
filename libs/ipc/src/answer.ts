/** The check of what a server answers: a fault there is the server's, not the caller's. */
import { check, type Schema } from '@cooper/contracts';
import { Fault } from '@cooper/fault';

/** Like `check`, but throws the fault `invalid-response`. */
export function checkAnswer<T>(schema: Schema<T>, value: unknown, place: string): T {
  try {
    return check(schema, value, place);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault('invalid-response', error.message, error.facts, { cause: error });
  }
}
