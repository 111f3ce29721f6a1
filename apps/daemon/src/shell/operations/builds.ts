/** Operations that make items valid. */
import { Fault } from '@cooper/fault';
import { buildModes } from '@cooper/worker-protocol';
import { validCandidate, wellFormed } from '../../core/named-paths.ts';
import { isMultiplexed, printsExtendedTrace, requestOptions } from '../../core/session-settings.ts';
import { Trace } from '../../core/trace.ts';
import type { Operations } from '../operations.ts';
import type { Session } from '../session.ts';

type Mode = (typeof buildModes)[number];

export const builds: Pick<Operations, 'build-things' | 'ensure-path'> = {
  'build-things': {
    paths: ({ targets }) => targets,
    check: ({ mode }, { peer }) => {
      if (modeOf(mode) === 'repair' && !peer.trusted)
        throw new Fault('not-privileged', 'repairing is a privileged operation');
    },
    run: async ({ targets, mode }, session) => {
      const unique = [...new Set(targets)].sort();
      if (unique.length > 0) await realise(session, unique, modeOf(mode));
      return 1;
    },
  },
  'ensure-path': {
    paths: ({ path }) => [path],
    run: async ({ path }, session) => {
      await ensure(session, path);
      return 1;
    },
  },
};

function modeOf(number = 0): Mode {
  const mode = buildModes[number];
  if (mode === undefined) throw new Fault('malformed-request', `build mode ${number} is none`, { number });
  return mode;
}

async function realise(session: Session, targets: readonly string[], mode: Mode): Promise<void> {
  const { site, signal } = session;
  await lease(session, targets);
  const call = { signal, onItem: follow(session) };
  const result = await site.scheduler.call('realise', { targets, mode, options: optionsOf(session) }, call);
  if (result.exitStatus !== 0) throw failure(result);
}

/** Keeps the targets and their outputs from collections for as long as the client is there. */
async function lease(session: Session, targets: readonly string[]): Promise<void> {
  const paths = wellFormed(
    session.site.storeDir,
    targets.map((target) => target.split('!')[0] ?? ''),
  );
  await (await session.store()).call('addLeases', { paths, outputs: true });
}

async function ensure(session: Session, path: string): Promise<void> {
  const { site, signal } = session;
  const asked = validCandidate(site.storeDir, path);
  await lease(session, [path]);
  const { paths: valid } = await site.store.call('queryValidPaths', { paths: [asked] });
  if (valid.length > 0) return;
  const call = { signal, onItem: follow(session) };
  const result = await site.scheduler.call('ensure', { paths: [asked], options: optionsOf(session) }, call);
  if (result.exitStatus === 0) return;
  throw new Fault('build-failed', `path \`${path}' does not exist and cannot be created`, { path });
}

/** Tells the client what the scheduler tells. */
export function follow({ settings, output }: Session) {
  const trace = new Trace({
    printBuildTrace: settings.printBuildTrace,
    extended: printsExtendedTrace(settings),
    multiplexed: isMultiplexed(settings),
    verbosity: settings.verbosity,
    buildVerbosity: settings.buildVerbosity,
  });
  return async (event: Parameters<Trace['pieces']>[0]): Promise<void> => {
    for (const piece of trace.pieces(event)) {
      output.add({ message: 'next', text: typeof piece === 'string' ? Buffer.from(piece) : piece });
    }
    await output.flush();
  };
}

export function optionsOf({ settings, site, peer }: Session) {
  const { user, gid } = peer;
  return requestOptions(settings, site.defaults, {
    name: user?.name ?? peer.name,
    ...(user === undefined ? {} : { uid: user.uid }),
    ...(gid === undefined ? {} : { gid }),
  });
}

function failure({ exitStatus, message }: { readonly exitStatus: number; readonly message?: string }): Fault {
  return new Fault('build-failed', message ?? 'the build failed', { status: exitStatus });
}
