/** Operations about what is kept, what is collected, and whether the store is in order. */
import type { ByteString } from '@cooper/byte-string';
import { fromBytes } from '@cooper/byte-string';
import { Fault, isFault } from '@cooper/fault';
import { isStorePath, type StorePath } from '@cooper/store-path';
import { wellFormed } from '../../core/named-paths.ts';
import { levels } from '../../core/session-settings.ts';
import { freedBySharing, verifyText } from '../../core/upkeep-texts.ts';
import type { Operations } from '../operations.ts';
import type { Session } from '../session.ts';
import { follow, optionsOf } from './builds.ts';
import { collect } from './collection.ts';

type Upkeep =
  | 'add-temp-root'
  | 'add-indirect-root'
  | 'sync-with-gc'
  | 'find-roots'
  | 'collect-garbage'
  | 'query-failed-paths'
  | 'clear-failed-paths'
  | 'optimize-store'
  | 'verify-store';

const done = 1;

export const upkeep: Pick<Operations, Upkeep> = {
  'add-temp-root': {
    paths: ({ path }) => [path],
    run: async ({ path }, session) => {
      const paths = wellFormed(session.site.storeDir, [path]);
      await (await session.store()).call('addLeases', { paths });
      return done;
    },
  },
  'add-indirect-root': {
    check: ({ file }) => {
      if (!file.startsWith('/')) throw new Fault('invalid-root', `not an absolute path: \`${file}'`, { file });
    },
    run: async ({ file }, session) => {
      await session.site.store.call('addIndirectRoot', { file: Buffer.from(file, 'latin1') });
      return done;
    },
  },
  // What a client has asked to be kept is kept when it is told so: there is no collection to wait for.
  'sync-with-gc': { run: () => done },
  'find-roots': {
    run: async (_wish, { site }) => {
      const { roots } = await site.store.call('findRoots', {});
      const links = roots.filter(({ kind }) => kind !== 'lease' && kind !== 'process');
      return links.map(({ name, path }) => [fromBytes(name), path] as const).sort(byName);
    },
  },
  'collect-garbage': { paths: ({ paths }) => paths, run: collect },
  'query-failed-paths': {
    run: async (_wish, { site }) => {
      const { failures } = await site.store.call('queryFailedPaths', {});
      return failures.map(({ path }) => path).sort();
    },
  },
  'clear-failed-paths': {
    run: async ({ paths }, { site }) => {
      // A client that wants to forget all of them sends `*`, as in the reference.
      const all = paths.includes('*' as ByteString);
      await site.store.call('clearFailedPaths', all ? {} : { paths: wellFormed(site.storeDir, paths) });
      return done;
    },
  },
  'optimize-store': {
    run: async (_wish, { site, signal, settings, output }) => {
      const { bytesFreed, filesLinked } = await site.store.call('optimise', {}, { signal });
      if (settings.verbosity >= levels.error) await output.say(freedBySharing(bytesFreed, filesLinked));
      return done;
    },
  },
  'verify-store': {
    run: async ({ checkContents, repair }, session) => {
      if (repair !== 0 && !session.peer.trusted)
        throw new Fault('not-privileged', 'you are not privileged to repair paths');
      return (await verify(session, checkContents !== 0, repair !== 0)) ? 1 : 0;
    },
  },
};

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Verifies the store. Gives whether something is wrong that was not mended. */
async function verify(session: Session, contents: boolean, repair: boolean): Promise<boolean> {
  const { site, signal, output, settings } = session;
  const damaged: StorePath[] = [];
  const info = settings.verbosity >= levels.info;
  let isWrong = false;
  await output.say('reading the store...\n');
  if (info) await output.say('checking path existence...\n');
  if (info && contents) await output.say('checking hashes...\n');
  await site.store.call(
    'verify',
    { contents },
    {
      signal,
      onItem: async (event) => {
        const text = verifyText(event);
        if (text !== undefined) await output.say(text);
        if (event.event === 'progress') return;
        if (event.event === 'corrupt' || (event.event === 'missing' && !event.removed)) damaged.push(event.path);
        else if (event.event === 'unreadable') isWrong = true;
      },
    },
  );
  const mended = repair && damaged.length > 0 ? await mend(session, damaged) : damaged.length === 0;
  return isWrong || !mended;
}

async function mend(session: Session, paths: readonly StorePath[]): Promise<boolean> {
  const { site, signal } = session;
  const asked = paths.filter((path) => isStorePath(site.storeDir, path));
  try {
    const call = { signal, onItem: follow(session) };
    const { exitStatus } = await site.scheduler.call('repair', { paths: asked, options: optionsOf(session) }, call);
    return exitStatus === 0;
  } catch (error) {
    if (!isFault(error) || signal.aborted) throw error;
    await session.output.say(`${error.message}\n`);
    return false;
  }
}
