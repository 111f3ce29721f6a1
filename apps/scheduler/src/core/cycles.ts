/** Goals that wait for themselves by way of others, and would wait for ever. */
import type { Goal } from './goal.ts';

/**
 * One goal of every cycle that can be reached from `goals` by way of what they wait for. Each goal is looked at once:
 * to be asked about all that have begun to wait in one step, rather than about each of them.
 */
export function goalsInCycles(goals: Iterable<Goal>): ReadonlySet<Goal> {
  const found = new Set<Goal>();
  const left = new Set<Goal>();
  for (const goal of goals) if (!left.has(goal)) search(goal, left, found);
  return found;
}

/** Goes down from `start`, not entering what is in `left`; a goal met again on the way down closes a cycle. */
function search(start: Goal, left: Set<Goal>, found: Set<Goal>): void {
  const way = new Map<Goal, Iterator<Goal>>([[start, start.inputs.values()]]);
  const stack = [start];
  for (let goal = stack.at(-1); goal !== undefined; goal = stack.at(-1)) {
    const next = way.get(goal)?.next();
    if (next === undefined || next.done) {
      stack.pop();
      way.delete(goal);
      left.add(goal);
    } else if (way.has(next.value)) found.add(next.value);
    else if (!left.has(next.value)) {
      way.set(next.value, next.value.inputs.values());
      stack.push(next.value);
    }
  }
}
