/** `cooper ps`: what the running processes are doing. */

import { jsonLine } from '../../core/json-line.ts';
import { messages } from '../../core/messages.ts';
import { processLines } from '../../core/process-lines.ts';
import { print, printLines, say } from '../output.ts';
import { hasTable, withTable } from '../session.ts';
import type { Invocation } from '../setting-options.ts';

/** Prints who builds what for whom. Starts no processes to find that there is nothing to tell. */
export async function ps({ json = false }: { readonly json?: boolean }, invocation: Invocation): Promise<number> {
  if (!hasTable(invocation)) {
    say(messages.info(messages.nothingRuns));
    return 0;
  }
  await withTable(invocation, async (table) => {
    const snapshot = await (await table.scheduler()).call('snapshot', {});
    await (json ? print(jsonLine(snapshot)) : printLines(processLines(snapshot, Date.now())));
  });
  return 0;
}
