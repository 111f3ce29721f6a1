/** What goes on now, for people: every request, and every goal that has not ended. */
import type { GoalView, RequestView, Snapshot } from '@cooper/contracts';
import { type Engine, smallForOne } from './engine.ts';
import type { Goal, Request } from './goal.ts';

export function snapshotOf(engine: Engine): Snapshot {
  return {
    requests: Array.from(engine.requests.values(), requestView),
    goals: goalViews(engine),
    slots: {
      builds: engine.slots.running,
      maxBuilds: engine.slots.max,
      substitutions: engine.downloads.running + Math.ceil(engine.smallDownloads.running / smallForOne),
      maxSubstitutions: engine.downloads.max,
    },
  };
}

function requestView(request: Request): RequestView {
  return {
    request: request.id,
    client: request.clientName,
    uid: request.uid,
    targets: request.targets.map(({ target }) => target),
    since: request.since,
    goals: request.goals.size,
    done: request.done,
  };
}

function goalViews(engine: Engine): GoalView[] {
  const turns = { here: engine.slots.turn, elsewhere: engine.offers.turn, download: engine.downloads.turn };
  const small = engine.smallDownloads.turn;
  const placeOf = (goal: Goal) => (goal.kind === 'derivation' ? goal.place : 'download');
  return Array.from(engine.goals.values(), (goal) =>
    goalView(goal, goal.kind === 'substitution' && goal.small ? small : turns[placeOf(goal)]),
  );
}

/** `turn`: the request that gets the next slot of the goal's kind. */
function goalView(goal: Goal, turn: Request | undefined): GoalView {
  return {
    key: goal.order,
    kind: goal.kind,
    path: goal.path,
    state: goal.state,
    waits:
      turn !== undefined && goal.waits?.for === 'slot' && !goal.requests.has(turn)
        ? { for: 'turn', request: turn.id }
        : goal.waits,
    requests: Array.from(goal.requests, (request) => request.id),
    since: goal.since,
    ...(goal.kind === 'derivation' && goal.agent !== '' ? { agent: goal.agent } : {}),
    ...(goal.kind === 'derivation' && goal.process !== null ? { process: goal.process } : {}),
  };
}
