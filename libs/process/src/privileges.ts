/** Becoming an unprivileged user, for good. */

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Makes this process, started by root, one of `user`, without supplementary groups or a way back; nothing happens when it
 * is not root's. To be called once everything is loaded: the user may not be able to read the program's files.
 */
export function becomeUser(user: User): void {
  if (process.getuid?.() !== 0) return;
  process.setgroups?.([]);
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
  verify(user);
}

/** What was asked of the kernel is looked at again: to go on as root would be worse than to end. */
function verify({ uid, gid }: User): void {
  const ids = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()];
  const groups = process.getgroups?.() ?? [];
  if (ids.join() !== [uid, uid, gid, gid].join() || groups.some((group) => group !== gid)) {
    throw new Error(`privileges were not dropped: ${ids.join()} with groups ${groups.join()}`);
  }
  if (canBecomeRoot()) throw new Error('privileges were dropped, but can be taken back');
}

function canBecomeRoot(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return false;
    throw error;
  }
}
