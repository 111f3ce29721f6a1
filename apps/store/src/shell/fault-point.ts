/**
 * Named points at which a test can have the store die, as if by `kill -9`: what it leaves behind there is what
 * docs/store-states.md promises to cope with.
 */
import { Fault } from '@cooper/fault';

/** In the order in which an item passes them. */
export const faultPoints = [
  'claimed',
  'staged',
  'copied',
  'canonical',
  'kept',
  'round-done',
  'replacing',
  'partly-moved',
  'moved',
  'written',
  'registered',
] as const;

/** In the order in which what is collected passes them. */
export const removalPoints = ['forgotten', 'partly-trashed', 'trashed'] as const;

/** In the order in which a file that comes to be shared passes them. */
export const linkingPoints = ['linked', 'relinked'] as const;

export type FaultPoint = (typeof faultPoints)[number] | (typeof removalPoints)[number] | (typeof linkingPoints)[number];

/** Called at each point. */
export type PassPoint = (point: FaultPoint) => void;

/** What to call at each point: it ends the process at the one that is `chosen`. */
export function passing(chosen: string | undefined): PassPoint {
  if (chosen === undefined) return () => undefined;
  const known = [...faultPoints, ...removalPoints, ...linkingPoints];
  if (!known.some((point) => point === chosen)) {
    throw new Fault('invalid-option', `there is no fault point \`${chosen}'`, { chosen, known });
  }
  return (point) => {
    if (point === chosen) process.kill(process.pid, 'SIGKILL');
  };
}
