/** From what the shell reports to what happens to goals. Reports about goals that are gone concern nobody. */
import type { BuildEvent, Outcome, Preparation, Registration } from '@cooper/contracts';
import type { Engine } from './engine.ts';
import type { Event, EventOf } from './event.ts';
import type { Goal, GoalId } from './goal.ts';
import type { GoalEvent } from './goal-event.ts';

type Pair = readonly [Goal, GoalEvent];
type GoalReport = Exclude<Event, { type: 'realise' | 'cancel' | 'deriver-found' | 'agents-changed' | 'query-warning' }>;
type SingleReport = Exclude<
  GoalReport,
  { type: 'derivations-read' | 'paths-checked' | 'substitutes-found' | 'failures-read' }
>;

/** The goals that `event` concerns, and what it is to each of them. */
export function* toGoalEvents(engine: Engine, event: GoalReport): Iterable<Pair> {
  if (event.type === 'derivations-read') yield* readEvents(engine, event);
  else if (event.type === 'paths-checked') yield* checkEvents(engine, event);
  else if (event.type === 'substitutes-found') yield* foundEvents(engine, event);
  else if (event.type === 'failures-read') yield* failureEvents(engine, event);
  else yield* one(engine, event.goal, toGoalEvent(event));
}

function* readEvents(engine: Engine, event: EventOf<'derivations-read'>): Iterable<Pair> {
  for (const read of event.derivations) {
    for (const goal of engine.questions.takeReaders(read.path)) yield [goal, { type: 'derivation-read', read }];
  }
}

function* checkEvents(engine: Engine, event: EventOf<'paths-checked'>): Iterable<Pair> {
  const valid = new Set(event.valid);
  for (const path of event.asked) {
    for (const goal of engine.questions.takeCheckers(path))
      yield [goal, { type: 'path-checked', valid: valid.has(path) }];
  }
}

function* foundEvents(
  engine: Engine,
  { query, asked, infos, together = false }: EventOf<'substitutes-found'>,
): Iterable<Pair> {
  for (const [index, path] of asked.entries()) {
    // An answer to another question is none.
    const info = infos[index]?.path === path ? (infos[index] ?? null) : null;
    for (const goal of engine.queries.take(query, path)) yield [goal, { type: 'substitute-found', info, together }];
  }
}

function* failureEvents(engine: Engine, event: EventOf<'failures-read'>): Iterable<Pair> {
  const failed = new Set(event.failed);
  for (const id of event.goals) yield* one(engine, id, { type: 'failures-read', failed });
}

function* one(engine: Engine, id: GoalId, event: GoalEvent): Iterable<Pair> {
  const goal = engine.goals.get(id);
  if (goal !== undefined) yield [goal, event];
}

function toGoalEvent(event: SingleReport): GoalEvent {
  switch (event.type) {
    case 'preparation':
      return ofPreparation(event.preparation);
    case 'contents-checked':
      return { type: 'contents-checked', corrupt: new Set(event.corrupt) };
    case 'closure-inspected':
      return { type: 'closure-inspected', broken: event.broken };
    case 'graphs-read':
      return { type: 'graphs-read', graphs: event.graphs };
    case 'build-event':
      return ofBuildEvent(event.event);
    case 'offer-ended':
      return ofOutcome(event.outcome);
    case 'fetch-event':
      return { type: 'fetch-event', event: event.event };
    case 'fetch-ended':
      return { type: 'fetch-ended', end: event.end };
    case 'agent-lost':
    case 'agent-refused':
      return { type: event.type, message: event.message };
    case 'registration':
      return ofRegistration(event.registration);
    case 'store-refused':
      return { type: 'store-refused', code: event.code, message: event.message };
    case 'settled':
      return { type: 'settled', keptDirectory: event.keptDirectory };
    case 'remembered':
    case 'abandoned':
    case 'timer':
      return { type: event.type };
  }
}

function ofBuildEvent(event: BuildEvent): GoalEvent {
  switch (event.event) {
    case 'started':
      return { type: 'build-started', event };
    case 'log':
      return { type: 'build-log', data: event.data };
    case 'remark':
      return { type: 'agent-remark', data: event.data };
  }
}

function ofPreparation(preparation: Preparation): GoalEvent {
  switch (preparation.status) {
    case 'prepared':
      return { type: 'prepared', preparation };
    case 'valid':
      return { type: 'outputs-valid' };
    case 'locked':
      return { type: 'output-locked', preparation };
    case 'missing-input':
      return { type: 'input-missing', preparation };
  }
}

function ofRegistration(registration: Registration): GoalEvent {
  if (registration.status === 'rejected') return { type: 'rejected', rejection: registration };
  return { type: registration.status };
}

function ofOutcome(outcome: Outcome): GoalEvent {
  if (outcome.status === 'declined') return { type: 'declined', outcome };
  if (outcome.status === 'postponed') return { type: 'postponed', outcome };
  return { type: 'build-ended', end: outcome };
}
