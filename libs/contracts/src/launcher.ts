/**
 * The launcher contract: one specification in, at most one report out, each a frame on descriptor 3.
 * native/launcher/README.md is its text; the program there decodes what these schemas describe.
 */
import { boolean, bytes, integer, list, literal, nullable, optional, record, type Static, text } from './schema.ts';

/** A user or group of the kernel; the highest number means "none" to it. */
const id = integer({ maximum: 2 ** 32 - 2, about: 'a uid or gid' });

/** What is bound into the sandbox, and where. `target` is below the root, without `.`, `..` or a slash at its end. */
export const launchMount = record({
  source: bytes(),
  target: bytes(),
  readOnly: boolean(),
  /** Passed over when the source does not exist. */
  optional: optional(boolean()),
  /** Else a source that is a symbolic link is made again as a link with the same target. */
  followSymlink: optional(boolean()),
  /** Device nodes below it work. */
  devices: optional(boolean()),
  /** A directory made for this build: mounted before the others, whose mount points may be made in it. */
  base: optional(boolean()),
});

/** A root in memory: its mode and group, and the files that it has from the beginning. */
export const freshRoot = record({
  mode: integer({ maximum: 0o7777 }),
  gid: optional(nullable(id)),
  files: list(record({ path: bytes(), contents: bytes(), mode: integer({ maximum: 0o7777 }) })),
});

export const launchSandbox = record({
  root: bytes({ about: 'a directory that becomes /, or on which the fresh root is mounted' }),
  /** Nil: the root is that directory itself. */
  freshRoot: optional(nullable(freshRoot)),
  mounts: list(launchMount),
  devices: boolean({ about: 'a small /dev' }),
  kvm: optional(boolean()),
  proc: boolean(),
  /** `private`: loopback only. */
  network: literal('private', 'host'),
  /** The caller attaches the private network to the outside: an empty frame asks for it, one byte says that it is done. */
  awaitNetwork: optional(boolean()),
  hostName: optional(text()),
  domainName: optional(text()),
  /** For a caller who is not root: the ids that the builder has in its own eyes, which stand for the caller's. */
  userNamespace: optional(nullable(record({ innerUid: id, innerGid: id }))),
});

/** A limit of setrlimit(2), such as `core` or `nofile`; nil is infinity. */
export const resourceLimit = record({
  resource: text(),
  soft: nullable(integer()),
  hard: nullable(integer()),
});

/** Everything about one builder. Bytes reach the kernel as they are, and hold no NUL. */
export const launchSpecification = record({
  version: integer({ minimum: 1, maximum: 1 }),
  builder: bytes({ about: 'an absolute path, as the root of the builder shows it' }),
  args: list(bytes(), { about: 'argv, argv[0] included' }),
  environment: list(bytes(), { about: 'K=V, in the order that the builder finds them in' }),
  workingDirectory: bytes(),
  /** Nil: no namespaces, the root of the host. */
  sandbox: nullable(launchSandbox),
  /** Nil, all three or none: as the caller has them. */
  uid: nullable(id),
  gid: nullable(id),
  groups: nullable(list(id)),
  personality: optional(
    nullable(record({ linux32: optional(boolean()), uname26: optional(boolean()), noRandomize: optional(boolean()) })),
  ),
  oomScoreAdj: optional(nullable(integer({ minimum: -1000, maximum: 1000 }))),
  umask: optional(nullable(integer({ maximum: 0o777 }))),
  limits: optional(list(resourceLimit)),
  /** `cgroup.procs` files of the control groups into which the builder is put. */
  cgroups: optional(list(bytes())),
  /** The system call filter; absent: on. */
  seccomp: optional(boolean()),
  setIdBits: optional(boolean()),
  nestedNamespaces: optional(boolean()),
  dieWithParent: optional(boolean()),
});

/** The step that failed; no report at all means that the builder runs. */
export const launchReport = record({
  step: text(),
  errno: integer(),
  error: text({ about: 'the name of the number, such as ENOENT' }),
  /** The file that it is about. */
  path: optional(bytes()),
  /** Of `decode-specification`: the field refused, such as `sandbox.mounts[3].target`, and why. */
  field: optional(text()),
  problem: optional(text()),
});

export type LaunchMount = Static<typeof launchMount>;
export type LaunchSandbox = Static<typeof launchSandbox>;
export type ResourceLimit = Static<typeof resourceLimit>;
export type LaunchSpecification = Static<typeof launchSpecification>;
export type LaunchReport = Static<typeof launchReport>;
