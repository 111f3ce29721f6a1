/** What goes on now, for people: every request, and every goal that has not ended. */
import type { GoalView, RequestView, Snapshot } from '@cooper/contracts';
import type { Engine } from './engine.ts';
import type { Goal, Request } from './goal.ts';

export function snapshotOf(engine: Engine): Snapshot {
  return {
    requests: Array.from(engine.requests.values(), requestView),
    goals: goalViews(engine),
    slots: {
      builds: engine.slots.running,
      maxBuilds: engine.slots.max,
      substitutions: engine.downloads.running,
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
  const turns = { here: engine.slots.turn, elsewhere: engine.offers.turn };
  const ofDownloads = engine.downloads.turns();
  const turnOf = (goal: Goal) => (goal.kind === 'derivation' ? turns[goal.place] : ofDownloads(goal));
  return Array.from(engine.goals.values(), (goal) => goalView(goal, turnOf(goal)));
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
