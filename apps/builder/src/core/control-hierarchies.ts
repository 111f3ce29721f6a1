/**
 * Where this process stands in the hierarchies of control groups, from what the kernel says of its mounts and groups
 * (cgroups(7), proc(5)). Pure v2, the old hierarchies, and both side by side.
 */

/** `unified` is version 2; the others are hierarchies of version 1 with that controller, or that name. */
export type HierarchyKind = 'unified' | 'pids' | 'systemd' | 'memory';

export interface Hierarchy {
  readonly kind: HierarchyKind;
  /** The directory of our own group in it. */
  readonly directory: string;
}

/** The hierarchies that could hold builds, best first. `mountInfo` and `membership` are those files of /proc/self. */
export function findHierarchies(mountInfo: string, membership: string): readonly Hierarchy[] {
  const mounts = mountInfo.split('\n').flatMap(parseMount);
  const groups = membership.split('\n').flatMap(parseGroup);
  return (['unified', 'pids', 'systemd', 'memory'] as const).flatMap((kind) => {
    const group = groups.find((candidate) => candidate.kinds.includes(kind));
    if (group === undefined) return [];
    const mount = mounts.find((candidate) => candidate.kinds.includes(kind) && isBelow(group.path, candidate.root));
    return mount === undefined ? [] : [{ kind, directory: join(mount, group.path) }];
  });
}

interface Mount {
  readonly kinds: readonly HierarchyKind[];
  /** The group whose directory is mounted. */
  readonly root: string;
  readonly point: string;
}

/** `36 35 0:31 ROOT POINT rw,relatime shared:9 - cgroup cgroup rw,pids`. */
function parseMount(line: string): Mount[] {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root, point] = before.split(' ');
  const [type, , superOptions = ''] = after.split(' ');
  if (root === undefined || point === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
  const kinds = type === 'cgroup2' ? (['unified'] as const) : kindsOf(superOptions);
  return [{ kinds, root: decodeOctal(root), point: decodeOctal(point) }];
}

/** `8:pids:/system.slice`, and `0::/system.slice` for version 2. */
function parseGroup(line: string): { kinds: readonly HierarchyKind[]; path: string }[] {
  const [, number, controllers = '', path = ''] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
  if (number === undefined) return [];
  return [{ kinds: number === '0' ? ['unified'] : kindsOf(controllers), path }];
}

function kindsOf(controllers: string): readonly HierarchyKind[] {
  const words = controllers.split(',');
  return [
    ...(words.includes('pids') ? (['pids'] as const) : []),
    ...(words.includes('name=systemd') ? (['systemd'] as const) : []),
    ...(words.includes('memory') ? (['memory'] as const) : []),
  ];
}

function isBelow(path: string, root: string): boolean {
  // A group outside of our view of the hierarchy begins with `/..`.
  return !path.startsWith('/..') && (root === '/' || path === root || path.startsWith(`${root}/`));
}

function join({ root, point }: Mount, path: string): string {
  const rest = root === '/' ? path : path.slice(root.length);
  return rest === '/' || rest === '' ? point : `${point}${rest}`;
}

/** Blanks and the like are octal numbers in mountinfo. */
function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
