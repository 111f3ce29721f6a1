/** The second half of a substitution goal's life: from a slot to an item that the store has judged and taken in. */
import type { Engine } from './engine.ts';
import type { FetchEnd } from './event.ts';
import type { GoalResult, SubstitutionGoal, SubstitutionState } from './goal.ts';
import type { GoalEventOf } from './goal-event.ts';
import { messages } from './messages.ts';

export function enterSubstitution(engine: Engine, goal: SubstitutionGoal, state: SubstitutionState): void {
  goal.state = state;
  goal.since = engine.now;
  goal.waits = null;
}

/** Everything that it refers to is there. What a goal with other options is about to fetch is not fetched twice. */
export function wantDownload(engine: Engine, goal: SubstitutionGoal): void {
  const others = engine.fetches.get(goal.path);
  if (others !== undefined) {
    enterSubstitution(engine, goal, 'turn-wanted');
    goal.waits = { for: 'lock', path: goal.path };
    others.add(goal);
    return;
  }
  engine.fetches.set(goal.path, new Set());
  enterSubstitution(engine, goal, 'slot-wanted');
  goal.waits = { for: 'slot', kind: 'substitution' };
  engine.downloads.want(goal);
}

/** The other goal has ended, one way or the other. */
export function lookAgain(engine: Engine, goal: SubstitutionGoal): void {
  if (goal.repair) {
    wantDownload(engine, goal);
    return;
  }
  enterSubstitution(engine, goal, 'validity-wanted');
  engine.questions.checkPath(goal);
}

/** There is a slot. */
export function start(engine: Engine, goal: SubstitutionGoal): void {
  const { info } = goal;
  if (!info) throw new Error(`goal for ${goal.path}: nobody has offered it`);
  enterSubstitution(engine, goal, 'fetching');
  goal.startTime = engine.now;
  goal.heard = engine.now;
  engine.emit(goal, { event: 'substitution-started', path: goal.path, url: info.url, time: engine.now });
  const urls = goal.pool.options.substituteUrls;
  engine.perform({ type: 'fetch', goal: goal.id, info, urls, repair: goal.repair, small: goal.small });
  setTimer(engine, goal);
}

export function passEvent(engine: Engine, goal: SubstitutionGoal, { event }: GoalEventOf<'fetch-event'>): void {
  goal.heard = engine.now;
  engine.emit(goal, { event: 'substitution-event', path: goal.path, detail: event });
}

/** Both the agent and the store have answered, or one of them has failed. */
export function conclude(engine: Engine, goal: SubstitutionGoal, { end }: GoalEventOf<'fetch-ended'>): void {
  if (end.status === 'registered') succeed(engine, goal, end.info.narSize);
  else if (end.status === 'failed') fail(engine, goal, end);
  else endFetch(engine, goal, { status: 'cancelled' });
}

function succeed(engine: Engine, goal: SubstitutionGoal, narSize: number): void {
  const duration = Math.max(0, engine.now - goal.startTime);
  engine.emit(goal, { event: 'substitution-succeeded', path: goal.path, narSize, duration, time: engine.now });
  endFetch(engine, goal, { status: 'substituted' });
}

function fail(engine: Engine, goal: SubstitutionGoal, end: Extract<FetchEnd, { status: 'failed' }>): void {
  const { code, expected, actual } = end;
  const message =
    code === 'hash-mismatch' ? messages.substituteMismatch(goal.path) : messages.fetchFailed(goal.path, end);
  tellFailure(engine, goal, { status: code, message, expected, actual });
  endFetch(engine, goal, { status: 'transient-failure', message });
}

interface Told {
  readonly status: string;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
}

function tellFailure(engine: Engine, goal: SubstitutionGoal, { status, message, expected, actual }: Told): void {
  engine.emit(goal, {
    event: 'substitution-failed',
    path: goal.path,
    status,
    message,
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    time: engine.now,
  });
}

const nothing = new Uint8Array();

/** A request may have fetched thousands of items by its end: of most, nothing need be remembered. */
export function forgetInfo(goal: SubstitutionGoal, { status }: GoalResult): void {
  if (status === 'incomplete-closure') return;
  const { info } = goal;
  goal.info = info && status === 'would-substitute' ? { ...info, references: [], narinfo: nothing } : null;
}

/** Gives back the slot, and lets those look again who wait for the same path. */
function endFetch(engine: Engine, goal: SubstitutionGoal, result: GoalResult): void {
  engine.downloads.release(goal);
  for (const other of engine.fetches.get(goal.path) ?? []) engine.post(other, { type: 'turn-granted' });
  engine.fetches.delete(goal.path);
  forgetInfo(goal, result);
  engine.end(goal, result);
}

/** The time that is left before a limit is reached, in ms; nothing when there is no limit. */
function timeLeft(engine: Engine, goal: SubstitutionGoal): { readonly left: number; readonly message: string } | null {
  const { timeout, maxSilentTime } = goal.pool.options.limits;
  const ends = [
    { limit: timeout, left: goal.startTime + timeout * 1000 - engine.now, silence: false },
    { limit: maxSilentTime, left: goal.heard + maxSilentTime * 1000 - engine.now, silence: true },
  ].filter(({ limit }) => limit > 0);
  const first = ends.sort((a, b) => a.left - b.left)[0];
  return first === undefined
    ? null
    : { left: first.left, message: messages.fetchTimedOut(goal.path, first.limit, first.silence) };
}

/** How long, in ms, a timer runs at most: one that nobody needs any more goes soon. */
const longestTimer = 60_000;

function setTimer(engine: Engine, goal: SubstitutionGoal): void {
  const time = timeLeft(engine, goal);
  if (time !== null) engine.perform({ type: 'set-timer', goal: goal.id, delay: Math.min(time.left, longestTimer) });
}

/** A limit may have been reached: then it has failed, as soon as the agent and the store have let go of it. */
export function watchTime(engine: Engine, goal: SubstitutionGoal): void {
  const time = timeLeft(engine, goal);
  if (time === null || time.left > 0) {
    setTimer(engine, goal);
    return;
  }
  tellFailure(engine, goal, { status: 'timeout', message: time.message });
  goal.pending = { status: 'transient-failure', message: time.message };
  withdraw(engine, goal);
}

/** Nobody wants it any more, and all that it has is its place in the queue. */
export function leaveQueue(engine: Engine, goal: SubstitutionGoal): void {
  endFetch(engine, goal, { status: 'cancelled' });
}

/** Nobody waits for it any more, but the agent and the store have it. */
export function withdraw(engine: Engine, goal: SubstitutionGoal): void {
  enterSubstitution(engine, goal, 'withdrawing');
  engine.perform({ type: 'cancel-fetch', goal: goal.id });
}

export function endWithdrawn(engine: Engine, goal: SubstitutionGoal): void {
  endFetch(engine, goal, goal.pending ?? { status: 'cancelled' });
}
