/** Carries out the effects that concern the store, over its contract. */
import type { storeContract } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import type { Effect } from '../core/effect.ts';
import type { GoalId, RequestId } from '../core/goal.ts';
import type { GraphNode } from '../core/references-graph.ts';
import { findDeriver, inspectClosure } from './closure-inspection.ts';
import type { Performer, Runner } from './runner.ts';

type Store = Client<typeof storeContract>;

/** How many derivations are asked for at once: goals take some 10 ms for a reply of this many, and no other is answered then. */
const batch = 100;

/** A performer that asks `store`; what it refuses becomes an event of the goal that wanted it. */
export function storeEffects(runner: Runner, store: Store): Performer {
  return (effect) => {
    const work = perform(runner, store, effect);
    if (work !== undefined) work.catch((error: unknown) => refuse(runner, effect, error));
  };
}

function perform(runner: Runner, store: Store, effect: Effect): Promise<void> | undefined {
  switch (effect.type) {
    case 'read-derivations':
      return inBatches(effect.paths, async (paths) => {
        const { derivations } = await store.call('queryDerivations', { paths });
        await runner.reportInTurn({ type: 'derivations-read', derivations });
      });
    case 'check-paths':
      return inBatches(effect.paths, async (asked) => {
        const { paths } = await store.call('queryValidPaths', { paths: asked });
        await runner.reportInTurn({ type: 'paths-checked', asked, valid: paths });
      });
    case 'add-leases':
      return inBatches(effect.paths, async (paths) => {
        await store.call('addLeases', { paths, group: effect.request });
      });
    case 'finish':
      return releaseLeases(store, effect.request);
    case 'check-contents':
      return checkContents(runner, store, effect);
    case 'inspect-closure':
      return inspect(runner, store, effect);
    case 'find-deriver':
      return answerDeriver(runner, store, effect);
    case 'query-failures':
      return queryFailures(runner, store, effect);
    case 'add-failures':
      return addFailures(runner, store, effect);
    case 'read-graphs':
      return readGraphs(runner, store, effect);
    case 'prepare-build':
      return prepare(runner, store, effect);
    case 'register-outputs':
      return register(runner, store, effect);
    case 'abandon-build':
      return abandon(runner, store, effect);
    default:
      return undefined;
  }
}

async function inBatches(paths: readonly StorePath[], ask: (paths: StorePath[]) => Promise<void>): Promise<void> {
  const asked: Promise<void>[] = [];
  for (let from = 0; from < paths.length; from += batch) asked.push(askOrSplit(paths.slice(from, from + batch), ask));
  await Promise.all(asked);
}

/** Derivations may be large: a reply that does not fit a frame is asked for in halves. */
async function askOrSplit(paths: StorePath[], ask: (paths: StorePath[]) => Promise<void>): Promise<void> {
  try {
    await ask(paths);
  } catch (error) {
    if (!isFault(error, 'message-too-long') || paths.length === 1) throw error;
    const middle = paths.length >> 1;
    await Promise.all([askOrSplit(paths.slice(0, middle), ask), askOrSplit(paths.slice(middle), ask)]);
  }
}

/** Whoever asked keeps what was made, if it is to be kept. When the store ends, so do its leases. */
async function releaseLeases(store: Store, request: RequestId): Promise<void> {
  try {
    await store.call('releaseLeases', { groups: [request] });
  } catch (error) {
    if (!isFault(error, 'channel-closed')) throw error;
  }
}

type EffectOf<T extends Effect['type']> = Extract<Effect, { type: T }>;

async function prepare(runner: Runner, store: Store, effect: EffectOf<'prepare-build'>): Promise<void> {
  const { type: _, goal, ...params } = effect;
  runner.report({ type: 'preparation', goal, preparation: await store.call('prepareBuild', params) });
}

async function checkContents(runner: Runner, store: Store, effect: EffectOf<'check-contents'>): Promise<void> {
  const { goal, paths } = effect;
  const { corrupt } = await store.call('checkContents', { paths: [...paths] });
  runner.report({ type: 'contents-checked', goal, corrupt });
}

async function inspect(runner: Runner, store: Store, effect: EffectOf<'inspect-closure'>): Promise<void> {
  const broken = await inspectClosure(store, effect);
  runner.report({ type: 'closure-inspected', goal: effect.goal, broken });
}

async function answerDeriver(runner: Runner, store: Store, effect: EffectOf<'find-deriver'>): Promise<void> {
  const { request, path } = effect;
  runner.report({ type: 'deriver-found', request, path, deriver: await findDeriver(store, path) });
}

async function queryFailures(runner: Runner, store: Store, effect: EffectOf<'query-failures'>): Promise<void> {
  const failed: StorePath[] = [];
  await inBatches(effect.paths, async (paths) => {
    const { failures } = await store.call('queryFailedPaths', { paths });
    failed.push(...failures.map(({ path }) => path));
  });
  runner.report({ type: 'failures-read', goals: effect.goals, failed });
}

async function addFailures(runner: Runner, store: Store, effect: EffectOf<'add-failures'>): Promise<void> {
  const { goal, paths, cause } = effect;
  await store.call('addFailedPaths', { failures: paths.map((path) => ({ path, cause })) });
  runner.report({ type: 'remembered', goal });
}

async function readGraphs(runner: Runner, store: Store, { goal, graphs }: EffectOf<'read-graphs'>): Promise<void> {
  const read = await Promise.all(graphs.map(async (wish) => ({ ...wish, nodes: await readGraph(store, wish.path) })));
  runner.report({ type: 'graphs-read', goal, graphs: read });
}

/** The closure of `path`, with the valid outputs of derivations in it; nil when `path` is not valid. */
async function readGraph(store: Store, path: StorePath): Promise<readonly GraphNode[] | null> {
  const { paths: valid } = await store.call('queryValidPaths', { paths: [path] });
  if (valid.length === 0) return null;
  const { paths } = await store.call('queryClosure', { paths: [path], includeOutputs: true });
  const { infos } = await store.call('queryPathInfos', { paths });
  return infos.filter((info) => info !== null);
}

async function register(runner: Runner, store: Store, effect: EffectOf<'register-outputs'>): Promise<void> {
  const { type: _, goal, ...params } = effect;
  runner.report({ type: 'registration', goal, registration: await store.call('registerOutputs', params) });
}

async function abandon(runner: Runner, store: Store, { goal, build }: EffectOf<'abandon-build'>): Promise<void> {
  await store.call('abandonBuild', { build });
  runner.report({ type: 'abandoned', goal });
}

/**
 * A fault of the store is the end of the goal that asked. Without a goal to end (a read for many of them), the scheduler
 * cannot go on: the error ends the process, and the supervisor starts it afresh.
 */
function refuse(runner: Runner, effect: Effect, error: unknown): void {
  if (!isFault(error) || !('goal' in effect)) throw error;
  reportRefusal(runner, effect.goal, error.code, error.message);
}

function reportRefusal(runner: Runner, goal: GoalId, code: string, message: string): void {
  runner.report({ type: 'store-refused', goal, code, message });
}
