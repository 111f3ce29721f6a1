/** `cooper weather`: what the caches have, without fetching it. */
import type { SubstituteEvent, SubstituteInfo } from '@cooper/contracts';
import { exitStatus } from '../../core/exit-status.ts';
import { jsonLine } from '../../core/json-line.ts';
import { messages } from '../../core/messages.ts';
import { urlsOf } from '../../core/request-options.ts';
import { print, printLines, say } from '../output.ts';
import { withTable } from '../session.ts';
import type { Invocation } from '../setting-options.ts';
import { storeArgument } from '../store-argument.ts';

/** Gives the exit status: success when all can be had. */
export function weather(
  words: readonly string[],
  { json = false }: { readonly json?: boolean },
  invocation: Invocation,
): Promise<number> {
  const { settings, given } = invocation;
  const paths = words.map((word) => storeArgument(settings.directories.store, word));
  const urls = given['substitute-urls'] === undefined ? {} : { urls: urlsOf(settings) };
  const onItem = (event: SubstituteEvent) => {
    if (event.event === 'warning') say(messages.warning(event.message));
  };
  return withTable(invocation, async (table) => {
    const scheduler = await table.scheduler();
    const { infos } = await scheduler.call('querySubstitutes', { paths, ...urls }, { onItem });
    const found = infos.filter((info) => info !== null);
    if (json) await print(jsonLine(paths.map((path, index) => plain(path, infos[index] ?? null))));
    else {
      await printLines(
        paths.map((path, index) => {
          const info = infos[index];
          return info ? messages.available(info) : messages.unavailable(path);
        }),
      );
      say(messages.info(messages.weather(found, paths.length)));
    }
    return found.length === paths.length ? exitStatus.success : exitStatus.failure;
  });
}

/** The narinfo itself is for the store. */
function plain(path: string, info: SubstituteInfo | null): unknown {
  if (info === null) return { path, available: false };
  const { narinfo: _, ...facts } = info;
  return { ...facts, available: true };
}
