/** The second half of a derivation goal's life: from a slot to outputs that the store has judged. */
import { parseDerivation } from '@cooper/derivation';
import { isFault } from '@cooper/fault';
import { Attributes } from './attributes.ts';
import { endedBuildResult, fail, failedBefore, giveUp } from './ending.ts';
import type { Engine } from './engine.ts';
import type { DerivationGoal, DerivationState } from './goal.ts';
import type { GoalEventOf } from './goal-event.ts';
import { makeJob } from './job.ts';
import { jobFiles, type KnownGraph, planFiles } from './job-files.ts';
import { messages } from './messages.ts';
import { awaitsLocal, nextAgent, wantSlotHere } from './places.ts';
import { redirectJob } from './redirection.ts';
import { invalidGraphPath } from './references-graph.ts';
import { letGoOfDirectory, register } from './registering.ts';

function enter(engine: Engine, goal: DerivationGoal, state: DerivationState): void {
  goal.state = state;
  goal.since = engine.now;
  goal.waits = null;
}

/** There is a slot: have the store lock and stage, unless it has done so before an agent postponed the job. */
export function prepare(engine: Engine, goal: DerivationGoal): void {
  if (goal.build !== null) {
    offer(engine, goal, 0);
    return;
  }
  enter(engine, goal, 'preparing');
  const { mode, sandbox } = goal.pool.options;
  engine.perform({ type: 'prepare-build', goal: goal.id, derivation: goal.path, mode, inPlace: !sandbox });
}

/** The store is ready: decide everything about the build, and offer it, once the files that it wants can be written. */
export function keepPreparation(engine: Engine, goal: DerivationGoal, { preparation }: GoalEventOf<'prepared'>): void {
  const { settings } = engine;
  const derivation = parseDerivation(preparation.contents, { storeDir: settings.storeDir, path: goal.path });
  const attributes = new Attributes(derivation, goal.path);
  const job = makeJob({ derivation, attributes, preparation, path: goal.path, options: goal.pool.options, settings });
  const { build: number, missing, redirected } = preparation;
  const build = { number, missing, redirected, job };
  goal.build = { ...build, files: null };
  try {
    const files = planFiles(derivation, attributes, settings.storeDir);
    goal.build = { ...build, files };
    if (settings.cacheFailures && goal.pool.options.mode === 'normal') askForFailures(engine, goal);
    else wantGraphs(engine, goal);
  } catch (error) {
    if (!isFault(error)) throw error;
    fail(engine, goal, { status: 'input-rejected', message: error.message });
  }
}

/** Another may have tried meanwhile, and failed: nobody else can now that the outputs are locked. */
function askForFailures(engine: Engine, goal: DerivationGoal): void {
  enter(engine, goal, 'failures-reread');
  const outputs = goal.build?.missing ?? [];
  engine.questions.queryFailures(
    goal,
    outputs.map(({ path }) => path),
  );
}

export function considerFailures(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'failures-read'>): void {
  const failed = goal.build?.missing.find(({ path }) => event.failed.has(path));
  if (failed === undefined) wantGraphs(engine, goal);
  else fail(engine, goal, failedBefore(failed.path));
}

function wantGraphs(engine: Engine, goal: DerivationGoal): void {
  const graphs = goal.build?.files?.graphs ?? [];
  if (graphs.length === 0) {
    offerWithFiles(engine, goal, []);
    return;
  }
  enter(engine, goal, 'graphs-wanted');
  engine.perform({ type: 'read-graphs', goal: goal.id, graphs });
}

/** The closures are known. */
export function keepGraphs(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'graphs-read'>): void {
  const graphs: KnownGraph[] = [];
  for (const { nodes, ...wish } of event.graphs) {
    if (nodes === null) {
      fail(engine, goal, { status: 'input-rejected', message: invalidGraphPath(wish.path) });
      return;
    }
    graphs.push({ ...wish, nodes });
  }
  offerWithFiles(engine, goal, graphs);
}

/** The files complete the job; what they were made from is not needed any more. */
function offerWithFiles(engine: Engine, goal: DerivationGoal, graphs: readonly KnownGraph[]): void {
  const { build } = goal;
  if (build !== null && build.files !== null) {
    const job = { ...build.job, ...jobFiles(build.files, graphs) };
    goal.build = { ...build, job: redirectJob(job, build.redirected), files: null };
  }
  offer(engine, goal, 0);
}

/** Offers the job to the first agent from place `from` on that may do it. */
function offer(engine: Engine, goal: DerivationGoal, from: number): void {
  const asked = nextAgent(engine, goal, from);
  const agent = engine.agents[asked];
  if (agent === undefined || goal.build === null) {
    waitIn(engine, goal, 'agent-wanted');
    goal.waits = { for: 'agent', reason: 'no build agent is connected' };
    engine.waitingForAgent.add(goal);
    // Those who are there will have to do, if no other comes.
    if (awaitsLocal(engine)) engine.perform({ type: 'set-timer', goal: goal.id, delay: engine.settings.lockInterval });
    return;
  }
  if (agent.isLocal && !engine.slots.holds(goal)) {
    wantSlotHere(engine, goal);
    return;
  }
  enter(engine, goal, 'offered');
  goal.asked = asked;
  goal.agent = agent.name;
  goal.agentId = agent.id;
  engine.perform({ type: 'offer', goal: goal.id, agent: agent.id, job: goal.build.job });
}

/** An agent will not do it at all, or not after all: the next one may. */
export function offerToNext(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'declined'>): void {
  forgetAttempt(goal);
  if (nextAgent(engine, goal, goal.asked + 1) >= 0 || awaitsLocal(engine)) {
    offer(engine, goal, goal.asked + 1);
    return;
  }
  fail(engine, goal, { status: 'misc-failure', message: messages.allDeclined(goal.path, event.outcome.reason) });
}

/** An agent will do it, but not now; it may have begun. */
export function waitForAgent(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'postponed'>): void {
  forgetAttempt(goal);
  const { reason, retryAfter } = event.outcome;
  // What is prepared for others keeps its place among the things that are, until somebody takes it.
  engine.slots.release(goal);
  enter(engine, goal, 'agent-wanted');
  goal.waits = { for: 'agent', reason };
  engine.waitingForAgent.add(goal);
  engine.perform({ type: 'set-timer', goal: goal.id, delay: retryAfter ?? engine.settings.lockInterval });
  tellWaiting(engine, goal);
}

function forgetAttempt(goal: DerivationGoal): void {
  goal.process = null;
  goal.logFile = null;
}

/** Someone else builds the same outputs. Goals of our own say when they are done; other programs have to be asked. */
export function waitForLock(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'output-locked'>): void {
  waitIn(engine, goal, 'lock-wanted');
  goal.waits = { for: 'lock', path: event.preparation.path };
  const others = engine.blocked.get(goal.path);
  if (others === undefined) engine.blocked.set(goal.path, new Set([goal]));
  else others.add(goal);
  engine.perform({ type: 'set-timer', goal: goal.id, delay: engine.settings.lockInterval });
  tellWaiting(engine, goal);
}

function waitIn(engine: Engine, goal: DerivationGoal, state: DerivationState): void {
  engine.releaseSlot(goal);
  enter(engine, goal, state);
}

function tellWaiting(engine: Engine, goal: DerivationGoal): void {
  if (goal.waits !== null) {
    engine.emit(goal, { event: 'build-waiting', derivation: goal.path, reason: goal.waits, time: engine.now });
  }
}

/** An agent has taken the job, and the builder runs. */
export function start(engine: Engine, goal: DerivationGoal, { event }: GoalEventOf<'build-started'>): void {
  enter(engine, goal, 'building');
  engine.offers.release(goal);
  goal.process = event.process;
  goal.logFile = event.logFile;
  goal.startTime = event.time;
  if (event.place !== undefined) goal.agent = `${goal.agent}: ${event.place}`;
  engine.emit(goal, {
    event: 'build-started',
    derivation: goal.path,
    system: goal.build?.job.system ?? '',
    logFile: event.logFile,
    process: event.process,
    agent: goal.agent,
    ...(goal.place === 'elsewhere' ? { isElsewhere: true } : {}),
    time: event.time,
  });
}

export function passLog(engine: Engine, goal: DerivationGoal, event: GoalEventOf<'build-log'>): void {
  engine.emit(goal, { event: 'build-log', derivation: goal.path, data: event.data });
}

/** What an agent says by itself is for people. */
export function passRemark(engine: Engine, goal: DerivationGoal, { data }: GoalEventOf<'agent-remark'>): void {
  engine.emit(goal, { event: 'agent-remark', derivation: goal.path, data });
}

/** The job has ended: a builder that exited with 0 has its outputs judged, all else is a failure. */
export function concludeBuild(engine: Engine, goal: DerivationGoal, { end }: GoalEventOf<'build-ended'>): void {
  engine.releaseSlot(goal);
  if (end.status !== 'succeeded') {
    fail(engine, goal, endedBuildResult(goal, end));
    return;
  }
  register(engine, goal, end);
}

/** It has ended when nobody wanted it any more. */
export function dropBuild(engine: Engine, goal: DerivationGoal, { end }: GoalEventOf<'build-ended'>): void {
  if (end.status === 'succeeded') goal.held = end.held ?? null;
  letGoOfDirectory(engine, goal);
  giveUp(engine, goal);
}

/** Nobody wants it any more, but the store is still preparing it. */
export function withdraw(engine: Engine, goal: DerivationGoal): void {
  enter(engine, goal, 'withdrawing');
}

/** Nobody wants it any more, but an agent has it. */
export function cancelOffer(engine: Engine, goal: DerivationGoal): void {
  enter(engine, goal, 'withdrawing');
  engine.perform({ type: 'cancel-offer', goal: goal.id });
}
