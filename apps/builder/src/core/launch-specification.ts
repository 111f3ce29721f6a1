/** From a job and its place to the message that the launcher takes. Pure: everything that a build may do is in it. */
import { compareBytes, fromBytes, fromText, toBytes } from '@cooper/byte-string';
import type { Job } from '@cooper/contracts';
import type { Place } from './place.ts';
import { wants32Bits } from './platform.ts';

/** Files of the host that builds with the network see. */
const networkFiles = ['/etc/resolv.conf', '/etc/nsswitch.conf', '/etc/services', '/etc/hosts'];

/** The map that native/launcher/README.md describes. */
export function launchSpecification(job: Job, place: Place): object {
  return {
    version: 1,
    builder: Buffer.from(job.builder),
    args: [baseName(Buffer.from(job.builder)), ...job.args.map((arg) => Buffer.from(arg))],
    environment: environment(job, place),
    workingDirectory: Buffer.from(place.directoryInside),
    sandbox: place.root === null ? null : sandbox(job, place, place.root),
    uid: place.user?.uid ?? null,
    gid: place.user?.gid ?? null,
    groups: place.user === null ? null : [...place.user.groups],
    personality: {
      linux32: wants32Bits(job.system, place.machine),
      uname26: job.impersonateLinux26,
      noRandomize: true,
    },
    // The kernel should rather kill a build than whatever else the machine is for.
    oomScoreAdj: 1000,
    umask: 0o022,
    limits: [{ resource: 'core', soft: 0, hard: null }],
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
  const names = [...variables.keys()].sort(compareBytes);
  return names.map((name) =>
    Buffer.concat([toBytes(name), Buffer.from('='), toBytes(variables.get(name) ?? fromText(''))]),
  );
}

function sandbox(job: Job, place: Place, root: string): object {
  const outputs = new Set(job.outputs.map(({ path }) => path));
  const inputs = job.inputs.filter((path) => !outputs.has(path));
  const network = job.network === 'host';
  return {
    root: Buffer.from(root),
    mounts: [
      ...inputs.map((path) => ({
        source: Buffer.from(path),
        target: Buffer.from(path),
        readOnly: true,
        followSymlink: true,
      })),
      ...job.sandboxPaths.map(({ source, target }) => ({
        source: Buffer.from(source),
        target: Buffer.from(target),
        readOnly: true,
        followSymlink: true,
      })),
      ...(network ? networkFiles : []).map((file) => ({
        source: Buffer.from(file),
        target: Buffer.from(file),
        readOnly: true,
        optional: true,
      })),
      { source: Buffer.from(place.directory), target: Buffer.from(place.directoryInside), readOnly: false },
    ],
    devices: true,
    kvm: job.features.includes('kvm'),
    proc: true,
    network: job.network,
    userNamespace: place.user === null ? { innerUid: place.uid, innerGid: place.gid } : null,
  };
}
