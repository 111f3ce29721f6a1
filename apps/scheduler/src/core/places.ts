/**
 * Where a derivation is built: on this machine, in a slot, or elsewhere, by agents that are not local. Those are asked
 * first, without a slot: what runs elsewhere is for them to count. A line of its own keeps down what is prepared for them
 * and not yet taken.
 */
import { fail } from './ending.ts';
import type { Engine } from './engine.ts';
import type { DerivationGoal } from './goal.ts';
import { messages } from './messages.ts';

/** Everything is there but a slot, or somebody elsewhere. */
export function wantSlot(engine: Engine, goal: DerivationGoal): void {
  engine.waitingForAgent.delete(goal);
  engine.releaseSlot(goal);
  if (mayBeElsewhere(engine, goal)) lineUp(engine, goal, 'elsewhere');
  else wantSlotHere(engine, goal);
}

/** Nobody elsewhere takes it, or may. What the store has prepared for it stays. */
export function wantSlotHere(engine: Engine, goal: DerivationGoal): void {
  engine.releaseSlot(goal);
  if (mayBeHere(engine, goal)) lineUp(engine, goal, 'here');
  else failForSlots(engine, goal);
}

function lineUp(engine: Engine, goal: DerivationGoal, place: DerivationGoal['place']): void {
  goal.state = 'slot-wanted';
  goal.since = engine.now;
  goal.waits = { for: 'slot', kind: 'build' };
  goal.place = place;
  engine.lineUp(goal);
}

function mayBeElsewhere({ agents }: Engine, { plan, pool, build }: DerivationGoal): boolean {
  const isTied = plan?.local === true || (build !== null && build.redirected.length > 0);
  return pool.options.offload && !isTied && agents.some(({ isLocal }) => !isLocal);
}

/** Some request that wants it allows builds on this machine, or it is never done elsewhere. */
function mayBeHere({ slots }: Engine, { requests, plan }: DerivationGoal): boolean {
  if (plan?.local) return true;
  for (const request of requests) if (slots.maxOf(request) > 0) return true;
  return false;
}

/** A request has let go of it, which may be the one that allowed it to be built here. */
export function reconsiderSlot(engine: Engine, goal: DerivationGoal): void {
  if (goal.place === 'here' && !mayBeHere(engine, goal)) failForSlots(engine, goal);
}

function failForSlots(engine: Engine, goal: DerivationGoal): void {
  fail(engine, goal, { status: 'misc-failure', message: messages.noSlots, decisive: true });
}

/**
 * The place in the list of agents, from `from` on, of the next one that may have the job; negative: there is none. What
 * is wanted here is for local agents, unless there are only others.
 */
export function nextAgent(engine: Engine, goal: DerivationGoal, from: number): number {
  const { agents } = engine;
  const hasLocal = agents.some(({ isLocal }) => isLocal);
  const prefersHere = goal.place === 'here' || prefersLocal(goal);
  const localOnly = needsThisStore(goal) || (prefersHere && (hasLocal || awaitsLocal(engine)));
  const isAllowed = (isLocal: boolean) => isLocal || (!localOnly && goal.pool.options.offload);
  return agents.findIndex(({ isLocal }, place) => place >= from && isAllowed(isLocal));
}

/** Agents come in any order: that there are only others is known when all have had the time. */
export function awaitsLocal({ agents, isStarting }: Engine): boolean {
  return isStarting && agents.length > 0 && agents.every(({ isLocal }) => !isLocal);
}

function prefersLocal({ build }: DerivationGoal): boolean {
  return build?.job.preferLocal === true;
}

/** What replaces or is compared with what lies in our store, or is made beside it or twice, is not for other machines. */
function needsThisStore({ build, pool }: DerivationGoal): boolean {
  const { mode, rounds } = pool.options;
  return mode !== 'normal' || rounds > 1 || (build !== null && build.redirected.length > 0);
}
