/**
 * Named points at which a test can have the store die, as if by `kill -9`: what it leaves behind there is what
 * docs/store-states.md promises to cope with. `--fault-point=NAME` chooses one; it is no setting of Cooper.
 */
import { Fault } from '@cooper/fault';

/** In the order in which an item passes them. */
export const faultPoints = [
  'claimed',
  'staged',
  'canonical',
  'partly-moved',
  'moved',
  'written',
  'registered',
] as const;

export type FaultPoint = (typeof faultPoints)[number];

/** Called at each point. */
export type PassPoint = (point: FaultPoint) => void;

const option = '--fault-point=';

/** Takes the option from `words`, and gives the other words and what to call at each point. */
export function readFaultPoint(words: readonly string[]): {
  readonly rest: readonly string[];
  readonly pass: PassPoint;
} {
  const word = words.find((each) => each.startsWith(option));
  if (word === undefined) return { rest: words, pass: () => undefined };
  const chosen = word.slice(option.length);
  if (!faultPoints.some((point) => point === chosen)) {
    throw new Fault('invalid-option', `there is no fault point \`${chosen}'`, { chosen, faultPoints });
  }
  const pass: PassPoint = (point) => {
    if (point === chosen) process.kill(process.pid, 'SIGKILL');
  };
  return { rest: words.filter((each) => each !== word), pass };
}
