/** `cooper watch`: everything that goes on, as it goes on: the graph, the logs, and why something waits. */
import type { schedulerContract } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import { jsonLine } from '../../core/json-line.ts';
import { messages } from '../../core/messages.ts';
import { SnapshotEvents } from '../../core/snapshot-events.ts';
import { type Display, makeDisplay } from '../display.ts';
import { GraphReader } from '../graph-reader.ts';
import { Interruption } from '../interrupt.ts';
import { print, say } from '../output.ts';
import { hasTable, withTable } from '../session.ts';
import type { Invocation } from '../setting-options.ts';

/** How often, in ms, to look whether there are new requests. */
const interval = 500;

type Scheduler = Client<typeof schedulerContract>;

/** Shows what the processes do until it is interrupted; with `json`, prints a snapshot a line. */
export async function watch({ json = false }: { readonly json?: boolean }, invocation: Invocation): Promise<number> {
  if (!hasTable(invocation)) {
    say(messages.info(messages.nothingRuns));
    return 0;
  }
  const interruption = new Interruption(() => undefined);
  const { signal } = interruption;
  try {
    await withTable(invocation, async (table) => {
      const scheduler = await table.scheduler();
      if (json) {
        await scheduler.call('watch', { interval }, { onItem: (snapshot) => print(jsonLine(snapshot)), signal });
        return;
      }
      const display = makeDisplay({ json: false, verbose: false });
      const graph = new GraphReader(await table.store(), invocation.settings.directories.store, display);
      await show(scheduler, display, graph, signal).finally(() => display.end());
    });
  } catch (error) {
    if (!(signal.aborted && isFault(error, 'cancelled'))) throw error;
  } finally {
    interruption.end();
  }
  return 0;
}

/** Follows every request there is, from the snapshot in which it appears. */
async function show(scheduler: Scheduler, display: Display, graph: GraphReader, signal: AbortSignal): Promise<void> {
  const seen = new SnapshotEvents();
  const onItem = (event: Parameters<Display['show']>[0]) => {
    if (event.event === 'planned') graph.read(event.build);
    return display.show(event);
  };
  await scheduler.call(
    'watch',
    { interval },
    {
      signal,
      onItem: (snapshot) => {
        for (const event of seen.events(snapshot)) void onItem(event);
        // A request may have ended since.
        for (const request of seen.newRequests(snapshot))
          scheduler.call('attach', { request }, { onItem, signal }).catch((error: unknown) => ended(error, signal));
      },
    },
  );
}

function ended(error: unknown, signal: AbortSignal): void {
  if (!isFault(error, 'unknown-request') && !signal.aborted) throw error;
}
