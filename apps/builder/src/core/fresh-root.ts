/** The root that a sandboxed build sees: its files in memory, and the two directories on disk that are mounted in it. */
import type { Job, LaunchMount, LaunchSandbox } from '@cooper/contracts';
import { etcFiles } from './etc-files.ts';
import type { Place, SandboxRoot } from './place.ts';

type FreshRoot = NonNullable<LaunchSandbox['freshRoot']>;

/** What is in memory. Without root's rights it is the build's own: that it is read-only is then all that can be done. */
export function freshRoot(place: Place, root: SandboxRoot, network: Job['network'] | 'attached'): FreshRoot {
  const mode = root.privileged ? 0o644 : 0o444;
  const files = Array.from(etcFiles(place, network), ([name, contents]) => {
    return { path: Buffer.from(`/etc/${name}`), contents: Buffer.from(contents), mode };
  });
  return { files, ...(root.privileged ? { mode: 0o750, gid: place.gid } : { mode: 0o555 }) };
}

/** What is on disk: builds may fill it, and what they leave in the store directory becomes their outputs. */
export function baseMounts({ store, storeDir, temporary }: SandboxRoot): readonly LaunchMount[] {
  return [
    { source: Buffer.from(store), target: Buffer.from(storeDir), readOnly: false, base: true },
    { source: Buffer.from(temporary), target: Buffer.from('/tmp'), readOnly: false, base: true },
  ];
}
