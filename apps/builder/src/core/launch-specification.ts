/** From a job and its place to the message that the launcher takes. Pure: everything that a build may do is in it. */
import { type ByteString, compareBytes, fromBytes, fromText, toBytes } from '@cooper/byte-string';
import type { Job, LaunchMount, LaunchSandbox, LaunchSpecification, ResourceLimit } from '@cooper/contracts';
import { baseMounts, freshRoot } from './fresh-root.ts';
import type { HardLimits, Place, SandboxRoot } from './place.ts';
import { mayImpersonateLinux26, wants32Bits } from './platform.ts';

/** Files of the host that builds with the network see. */
const networkFiles = ['/etc/resolv.conf', '/etc/nsswitch.conf', '/etc/services', '/etc/hosts'];

/** How many files a builder may open unless it raises its limit itself: what Linux gives, however the daemon was started. */
const openFiles = 1024;

/** The specification that native/launcher/README.md describes. */
export function launchSpecification(job: Job, place: Place): LaunchSpecification {
  return {
    version: 1,
    builder: job.builder,
    args: [baseName(Buffer.from(job.builder)), ...job.args],
    environment: environment(job, place),
    workingDirectory: Buffer.from(place.directoryInside),
    sandbox: place.root === null ? null : sandbox(job, place, place.root),
    uid: place.user?.uid ?? null,
    gid: place.user?.gid ?? null,
    groups: place.user?.groups ?? null,
    personality: {
      linux32: wants32Bits(job.system, place.machine),
      uname26: job.impersonateLinux26 && mayImpersonateLinux26(job.system),
      noRandomize: true,
    },
    // The kernel should rather kill a build than whatever else the machine is for.
    oomScoreAdj: 1000,
    umask: 0o022,
    limits: limits(place.hardLimits),
    cgroups: place.cgroups.map((file) => Buffer.from(file)),
  };
}

function baseName(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf(0x2f) + 1);
}

/** `NAME=VALUE`, sorted by name: the order in which the reference gives them. */
function environment(job: Job, place: Place): Buffer[] {
  const variables = new Map(job.environment.map(({ name, value }) => [fromBytes(name), fromBytes(value)]));
  for (const name of job.directoryVariables) variables.set(fromText(name), fromText(place.directoryInside));
  for (const { name, file } of job.fileVariables ?? [])
    variables.set(fromBytes(name), fromText(`${place.directoryInside}/${file}`));
  const sorted = [...variables].sort(([a], [b]) => compareBytes(a, b));
  return sorted.map(([name, value]) => Buffer.from(toBytes(`${name}=${value}` as ByteString)));
}

/** No core files; of the rest what is inherited, but for the soft limit on files, which Node raises for itself. */
function limits({ core, nofile }: HardLimits): ResourceLimit[] {
  const soft = nofile === null ? openFiles : Math.min(openFiles, nofile);
  return [
    { resource: 'core', soft: 0, hard: core },
    { resource: 'nofile', soft, hard: nofile },
  ];
}

function sandbox(job: Job, place: Place, root: SandboxRoot): LaunchSandbox {
  const mounts = mountsByTarget(job, place, root);
  return {
    root: Buffer.from(root.mountPoint),
    freshRoot: freshRoot(place, root, attaches(job, place) ? 'attached' : job.network),
    // Sorted, so that what lies below another target is mounted after it.
    mounts: [...mounts].sort(([a], [b]) => compareBytes(a, b)).map(([, mount]) => mount),
    devices: !mounts.has(fromText('/dev')),
    kvm: true,
    proc: true,
    network: attaches(job, place) ? 'private' : job.network,
    ...(attaches(job, place) ? { awaitNetwork: true } : {}),
    userNamespace: place.user === null ? { innerUid: place.uid, innerGid: place.gid } : null,
  };
}

/** Whether the build fetches over a network namespace of its own. */
export function attaches(job: Job, { attachesNetwork, root }: Pick<Place, 'attachesNetwork' | 'root'>): boolean {
  return attachesNetwork && root !== null && job.network === 'host';
}

/** Later ones take the place of earlier ones with the same target, in the order of the reference. */
function mountsByTarget(job: Job, place: Place, root: SandboxRoot): Map<ByteString, LaunchMount> {
  const mounts = new Map(baseMounts(root).map((mount) => [fromBytes(mount.target), mount]));
  const add = (target: Uint8Array, mount: Omit<LaunchMount, 'target'>) =>
    mounts.set(fromBytes(target), { ...mount, target });
  for (const { source, target } of job.sandboxPaths) {
    // The builder gets a /proc of its own.
    if (fromBytes(source) === '/proc') continue;
    add(target, { source, readOnly: true, followSymlink: true, devices: true });
  }
  const directoryInside = Buffer.from(place.directoryInside);
  add(directoryInside, { source: Buffer.from(place.directory), readOnly: false });
  // An input that is a symbolic link is shown as one: what it points to may be anywhere on the host.
  for (const path of job.inputs) add(Buffer.from(path), { source: Buffer.from(path), readOnly: true });
  // What is to be built again may be among what is shown of the host.
  for (const { path } of job.outputs) mounts.delete(fromText(path));
  for (const file of job.network === 'host' ? networkFiles : []) {
    // Where the network is attached, so is a name server: the file is ours.
    if (file === '/etc/resolv.conf' && attaches(job, place)) continue;
    add(Buffer.from(file), { source: Buffer.from(file), readOnly: true, optional: true, followSymlink: true });
  }
  return mounts;
}
