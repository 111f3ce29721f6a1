/** Which steps of the launcher fail because the kernel allows no sandbox here, rather than because of the job. */
import type { LaunchReport } from '@cooper/contracts';

const steps: ReadonlySet<string> = new Set([
  'create-process',
  'map-identity',
  'hide-cgroup',
  'raise-loopback',
  'set-host-name',
  'make-mounts-private',
  'mount-root',
  'mount-devices',
  'mount-proc',
  'change-root',
]);

/** What kernels say that forbid namespaces, have no more of them, or were made without. */
const refusals: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'ENOSPC', 'EUSERS', 'EINVAL', 'ENOSYS']);

/** True when no build could have a sandbox on this machine, whatever its job is. */
export function deniesSandbox({ step, error }: LaunchReport): boolean {
  return steps.has(step) && refusals.has(error);
}
