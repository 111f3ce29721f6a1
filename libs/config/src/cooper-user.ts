/** The account of processes that need no rights, where root starts them. */
import { existsSync, readFileSync } from 'node:fs';
import { unprivilegedId } from './private-ids.ts';

/** The user and group of the account `cooper`, or those of the private range where there is none. */
export function cooperUser(): { readonly uid: number; readonly gid: number } {
  const accounts = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : '';
  const line = accounts.split('\n').find((text) => text.startsWith('cooper:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) return { uid: unprivilegedId, gid: unprivilegedId };
  return { uid: Number(uid), gid: Number(gid) };
}
