/** Waiting for what the near side may no longer want. */
import { Fault } from '@cooper/fault';

/** What `work` gives, as long as the call goes on: once it is cancelled, or its channel has ended, the fault `cancelled`. */
export async function orAborted<T>(work: T | Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(new Fault('cancelled', 'the near side has taken it back'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
