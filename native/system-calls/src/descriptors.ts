/** Descriptors and the programs that follow. */
import { addon } from './addon.ts';

/** Has `descriptor` stay open when this process becomes another program (F_SETFD, fcntl(2)). */
export function keepAcrossExec(descriptor: number): void {
  addon.keepAcrossExec(descriptor);
}
