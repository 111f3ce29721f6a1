/** `cooper log`: the log of a build, finished or running. */
import { Fault } from '@cooper/fault';
import { isDerivationPath, type StorePath } from '@cooper/store-path';
import { LogLines } from '../../core/log-lines.ts';
import { messages } from '../../core/messages.ts';
import { lastOverprint, printable } from '../../core/printable.ts';
import { findLog, type IsBuilding, readLog } from '../build-log.ts';
import { print, printLines } from '../output.ts';
import { hasTable, withStore, withTable } from '../session.ts';
import type { Invocation } from '../setting-options.ts';
import { storeArgument } from '../store-argument.ts';

/**
 * Prints the log of a derivation, or of what made an output. With `follow`, goes on while it is being built. A terminal
 * gets harmless lines; anything else the bytes as the build wrote them.
 */
export async function log(
  word: string,
  { follow = false }: { readonly follow?: boolean },
  invocation: Invocation,
): Promise<number> {
  const derivation = await derivationOf(storeArgument(invocation.settings.directories.store, word), invocation);
  if (!follow || !hasTable(invocation)) await show(derivation, invocation);
  else {
    await withTable(invocation, async (table) => {
      const scheduler = await table.scheduler();
      await show(derivation, invocation, async () => {
        const { goals } = await scheduler.call('snapshot', {});
        return goals.some(({ path, kind }) => kind === 'derivation' && path === derivation);
      });
    });
  }
  return 0;
}

async function derivationOf(path: StorePath, invocation: Invocation): Promise<StorePath> {
  if (isDerivationPath(path)) return path;
  const { infos } = await withStore(invocation, (store) => store.call('queryPathInfos', { paths: [path] }));
  const [info] = infos;
  if (info === null || info === undefined) throw new Fault('path-not-valid', messages.notValid(path), { path });
  if (info.deriver === null) throw new Fault('unknown-deriver', messages.unknownDeriver(path), { path });
  return info.deriver;
}

async function show(derivation: StorePath, { settings }: Invocation, isBuilding?: IsBuilding): Promise<void> {
  const file = await findLog(settings.directories.log, derivation, isBuilding);
  const lines = new LogLines();
  for await (const chunk of readLog(file, isBuilding)) {
    await (process.stdout.isTTY ? printLines(harmless(lines.push(chunk))) : print(chunk));
  }
  await printLines(harmless(lines.end()));
}

function harmless(lines: readonly string[]): string[] {
  return lines.map((line) => printable(lastOverprint(line)));
}
