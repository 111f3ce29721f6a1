/** What this machine is, and how it fares. */
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, tmpdir } from 'node:os';
import type { RemoteMachine, RemoteStatus } from '@cooper/contracts';
import packageFile from '../../package.json' with { type: 'json' };
import { parsePressure } from '../core/pressure.ts';
import type { RemoteParts } from './parts.ts';
import type { RemoteSettings } from './settings.ts';

export function describeMachine({ directories, systems, features }: RemoteSettings): RemoteMachine {
  return {
    storeDir: Buffer.from(directories.store),
    version: `cooper ${packageFile.version}`,
    systems: [...systems],
    features: features === null ? null : [...features],
    cores: availableParallelism(),
    signingKey: readIfThere(`${directories.configuration}/signing-key.pub`) ?? null,
  };
}

export async function measureStatus({ settings, scheduler }: RemoteParts): Promise<RemoteStatus> {
  const { slots } = await scheduler.call('snapshot', {});
  const [store, temporary] = await Promise.all([settings.directories.store, tmpdir()].map(freeBytes));
  return {
    load: Math.round((loadavg()[0] ?? 0) * 100),
    pressure: readPressure(),
    freeMemory: freemem(),
    freeStore: store ?? 0,
    freeTemporary: temporary ?? 0,
    builds: slots.builds,
    maxBuilds: slots.maxBuilds,
  };
}

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** Not every kernel tells. */
function readPressure(): RemoteStatus['pressure'] {
  const [processor, memory, disk] = ['cpu', 'memory', 'io'].map((name) => {
    const text = readIfThere(`/proc/pressure/${name}`);
    return text === undefined ? undefined : parsePressure(text.toString());
  });
  if (processor === undefined || memory === undefined || disk === undefined) return null;
  return { processor, memory, disk };
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    // A kernel that was told not to measure refuses to be read.
    if (['ENOENT', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
