/**
 * Locks on whole files, owned by the open file description: they conflict with the record locks (fcntl F_SETLK) of
 * other programs and are gone when the last copy of the descriptor is closed.
 */
import { addon } from './addon.ts';

/** Takes the lock if nobody stands in the way, or converts the one held. False when somebody does. */
export function tryLock(descriptor: number, exclusive: boolean): boolean {
  return addon.tryLock(descriptor, exclusive);
}

export function unlock(descriptor: number): void {
  addon.unlock(descriptor);
}
