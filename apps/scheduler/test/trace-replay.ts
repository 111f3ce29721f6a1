/**
 * Replays a trace: reads its events, steps an engine of its own, and writes the trace again with the effects that
 * really followed. The little language is described in test/traces/README.md.
 */
import { Engine, type EngineSettings, type GoalWatcher, step } from '../src/core/engine.ts';
import type { Event } from '../src/core/event.ts';
import type { Goal } from '../src/core/goal.ts';
import { effectLine } from '../src/core/trace-line.ts';
import { derivationBytes, nameOf, storeDir } from './trace-derivation.ts';
import { eventOf } from './trace-event.ts';
import { substituteInfo } from './trace-substitute.ts';
import type { World } from './trace-world.ts';

/** As which nothing is fetched, and one build runs at a time. */
export const traceSettings: EngineSettings = {
  storeDir,
  system: 'x86_64-linux',
  maxJobs: 1,
  maxSubstitutions: 8,
  substitutes: false,
  cores: 0,
  limits: { timeout: 0, maxSilentTime: 0, maxLogSize: 0 },
  sandbox: true,
  cacheFailures: false,
  sandboxPaths: [],
  impersonateLinux26: false,
  log: 'gzip',
  impureEnvironment: new Map(),
  lockInterval: 5000,
};

/** The trace `text` with the effects as they are. `watch` sees everything that happens to a goal, before it does. */
export function replay(text: string, watch?: GoalWatcher): string {
  const world: World = {
    derivations: new Map(),
    substitutes: new Map(),
    goals: new Map(),
    settings: { ...traceSettings, limits: { ...traceSettings.limits } },
    engine: undefined,
    now: 0,
    watch,
  };
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('< ')) continue;
    lines.push(line);
    const words = line.split(' ').filter((word) => word !== '');
    if (line.startsWith('> ')) lines.push(...happen(world, words.slice(1)).map((effect) => `< ${effect}`));
    else declare(world, words);
  }
  return lines.join('\n');
}

function declare(world: World, [word, ...rest]: readonly string[]): void {
  if (word === 'derivation') world.derivations.set(`${rest[0]}`, derivationBytes(rest));
  if (word === 'substitute') declareSubstitute(world, rest);
  if (word === 'cache-failures') Object.assign(world.settings, { cacheFailures: true });
  if (word === 'max-jobs') Object.assign(world.settings, { maxJobs: Number(rest[0]) });
  if (word === 'max-substitutions') Object.assign(world.settings, { maxSubstitutions: Number(rest[0]) });
  if (word === 'max-silent-time') Object.assign(world.settings.limits, { maxSilentTime: Number(rest[0]) });
}

/** Nothing is fetched in a trace in which no cache has anything. */
function declareSubstitute(world: World, words: readonly string[]): void {
  world.substitutes.set(`${words[0]}`, substituteInfo(words));
  Object.assign(world.settings, { substitutes: true });
}

function happen(world: World, words: readonly string[]): readonly string[] {
  world.engine ??= new Engine(world.settings, world.watch);
  world.now += 1000;
  const effects = step(world.engine, { now: world.now, ...eventOf(world, words) } as Event);
  for (const goal of world.engine.goals.values()) remember(world, goal);
  return effects.map((effect) => effectLine(effect, (id) => world.goals.get(id)?.name ?? `goal ${id}`));
}

function remember(world: World, goal: Goal): void {
  const known = world.goals.get(goal.id) ?? { name: nameOf(goal.path), requests: new Set() };
  for (const { id } of goal.requests) known.requests.add(id);
  world.goals.set(goal.id, known);
}
