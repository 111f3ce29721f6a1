/** Waiting for something that may be wanted no more. */
import { Fault } from '@cooper/fault';

/** What `work` gives; once `signal` is aborted, at once the fault `cancelled`, whatever becomes of `work`. */
export async function orAborted<T>(work: T | Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(new Fault('cancelled', 'nobody wants it any more'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
