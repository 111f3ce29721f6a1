/** `cooper cancel` and `cooper attach`: other people's requests, and those that were detached. */
import { Fault } from '@cooper/fault';
import { messages } from '../../core/messages.ts';
import { say } from '../output.ts';
import { attach as attachTo } from '../realisation.ts';
import { withTable } from '../session.ts';
import type { Invocation } from '../setting-options.ts';

/** Takes back requests, by the numbers that `cooper ps` shows. */
export function cancel(words: readonly string[], invocation: Invocation): Promise<number> {
  const requests = words.map(requestNumber);
  return withTable(invocation, async (table) => {
    const scheduler = await table.scheduler();
    for (const request of requests) {
      const { cancelled } = await scheduler.call('cancel', { request });
      if (!cancelled) throw new Fault('unknown-request', messages.noRequest(request), { request });
      say(messages.info(messages.cancelled(request)));
    }
    return 0;
  });
}

/** Follows a request to its end; exits as `cooper build` of the same would. */
export function attach(
  word: string,
  { json = false, verbose = false }: { readonly json?: boolean; readonly verbose?: boolean },
  invocation: Invocation,
): Promise<number> {
  const request = requestNumber(word);
  const { store } = invocation.settings.directories;
  return withTable(invocation, (table) => attachTo(table, request, store, { json, verbose }));
}

function requestNumber(word: string): number {
  if (/^\d{1,15}$/.test(word)) return Number(word);
  throw new Fault('invalid-option', messages.noRequestNumber(word), { word });
}
