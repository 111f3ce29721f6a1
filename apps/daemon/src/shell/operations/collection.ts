/** collect-garbage: what is live, what is dead, and the deletion of it. */
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';
import { type Arguments, collectionActions, type Reply } from '@cooper/worker-protocol';
import { wellFormed } from '../../core/named-paths.ts';
import { levels } from '../../core/session-settings.ts';
import { collectionTexts as texts } from '../../core/upkeep-texts.ts';
import type { Session } from '../session.ts';

const mebibyte = 1024 * 1024;

/** A limit past which there is none: the contract counts exactly. */
const noLimit = BigInt(Number.MAX_SAFE_INTEGER);

export async function collect(wish: Arguments<'collect-garbage'>, session: Session): Promise<Reply<'collect-garbage'>> {
  if (wish.ignoreLiveness !== 0) throw new Fault('not-privileged', 'you are not allowed to ignore liveness');
  const action = collectionActions[wish.action];
  if (action === undefined) throw new Fault('malformed-request', `action ${wish.action} of a collection is none`);
  const { site, signal, output } = session;
  const info = session.settings.verbosity >= levels.info;
  const deletes = action === 'delete-dead' || action === 'delete-specific';
  const paths: StorePath[] = [];
  await Promise.all(site.endings);
  await output.say(texts.finding);
  const onItem = async (item: { paths: readonly StorePath[]; bytesFreed: number }) => {
    paths.push(...item.paths);
    if (!deletes || !info) return;
    for (const path of item.paths) output.add(next(texts.deletingOne(path, progress(wish, item.bytesFreed))));
    await output.flush();
  };
  if (action === 'delete-dead') await output.say(texts.deleting);
  if (!deletes) await output.say(texts.determining);
  const limit = wish.maxFreed < noLimit ? { maxFreed: Number(wish.maxFreed) } : {};
  const specific = action === 'delete-specific' ? { paths: wellFormed(site.storeDir, wish.paths) } : {};
  // As in the reference, nobody's temporary roots keep anything from the collections of their own.
  await session.releaseLeases();
  const { bytesFreed } = await site.store.call(
    'collectGarbage',
    { action, ...site.collection, ...limit, ...specific },
    { signal, onItem },
  );
  if (deletes) await tellEnd(wish, session, BigInt(bytesFreed));
  return { paths: paths.sort(), bytesFreed: BigInt(bytesFreed), obsolete: 0n };
}

async function tellEnd(wish: Arguments<'collect-garbage'>, { output, settings, site }: Session, freed: bigint) {
  const info = settings.verbosity >= levels.info;
  if (info && wish.maxFreed < noLimit && freed >= wish.maxFreed) output.add(next(texts.enough(wish.maxFreed)));
  if (info) output.add(next(texts.trash(site.storeDir)));
  output.add(next(texts.links));
  if (info) output.add(next(texts.sharing));
  await output.flush();
}

/** How far a collection is: of its limit, where it has one that is worth a percentage. */
function progress({ maxFreed }: Arguments<'collect-garbage'>, bytesFreed: number): string {
  if (maxFreed >= noLimit || maxFreed === 0n) return `${Math.floor(bytesFreed / mebibyte)} MiB`;
  return `${Math.min(100, Math.floor((bytesFreed * 100) / Number(maxFreed)))}%`;
}

function next(text: string) {
  return { message: 'next', text: Buffer.from(text) } as const;
}
