/**
 * Replays a trace: reads its events, steps an engine of its own, and writes the trace again with the effects that
 * really followed. The little language is described in test/traces/README.md.
 */
import type { Outcome, SubstituteInfo } from '@cooper/contracts';
import { Engine, type EngineSettings, type GoalWatcher, step } from '../src/core/engine.ts';
import type { Event, ReadGraph } from '../src/core/event.ts';
import type { Goal, GoalId, RequestId } from '../src/core/goal.ts';
import { effectLine } from '../src/core/trace-line.ts';
import { derivationBytes, nameOf, pathOf, storeDir } from './trace-derivation.ts';
import { fetchEnd, substituteInfo } from './trace-substitute.ts';

interface World {
  readonly derivations: Map<string, Uint8Array>;
  /** What caches have, by name. */
  readonly substitutes: Map<string, SubstituteInfo>;
  readonly goals: Map<GoalId, { readonly name: string; readonly requests: Set<RequestId> }>;
  readonly settings: EngineSettings;
  engine: Engine | undefined;
  readonly watch: GoalWatcher | undefined;
  now: number;
}

const defaults: EngineSettings = {
  storeDir,
  system: 'x86_64-linux',
  maxJobs: 1,
  maxSubstitutions: 8,
  substitutes: false,
  cores: 0,
  limits: { timeout: 0, maxSilentTime: 0, maxLogSize: 0 },
  sandbox: true,
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
    settings: { ...defaults, limits: { ...defaults.limits } },
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

type Unstamped<E> = E extends Event ? Omit<E, 'now'> : never;

function eventOf(world: World, [verb, ...words]: readonly string[]): Unstamped<Event> {
  switch (verb) {
    case 'agents':
      return {
        type: 'agents-changed',
        agents: words.map((name, index) => ({ id: index + 1, name, isLocal: !name.startsWith('remote') })),
      };
    case 'realise':
      return realiseEvent(words);
    case 'cancel':
      return { type: 'cancel', request: Number(words[0]) };
    case 'read':
      return { type: 'derivations-read', derivations: words.map((word) => readOf(world, word)) };
    case 'check':
      return checkEvent(words);
    case 'found':
      return foundEvent(world, words);
    case 'warned':
      return { type: 'query-warning', query: Number(words[0]), message: words.slice(1).join(' ') };
    default:
      return goalEventOf(world, `${verb}`, words);
  }
}

function realiseEvent([request, ...words]: readonly string[]): Unstamped<Event> {
  const flags = new Set(words.filter((word) => word.startsWith('--')));
  return {
    type: 'realise',
    request: Number(request),
    targets: words.filter((word) => !word.startsWith('--')).map((word) => word.replace(/^[^!]*/, pathOf)),
    mode: 'normal',
    options: {
      keepGoing: flags.has('--keep-going'),
      fallback: flags.has('--fallback'),
      substitutes: !flags.has('--no-substitutes'),
      ...(flags.has('--other-caches') ? { substituteUrls: ['http://other'] } : {}),
      client: { name: 'trace' },
    },
    dryRun: flags.has('--dry-run'),
  };
}

/** `app.drv` (nothing valid), `app.drv=out,lib` (these outputs valid), `app.drv=absent`. */
function readOf(world: World, word: string) {
  const [name, valid = ''] = word.split('=');
  const contents = valid === 'absent' ? null : (world.derivations.get(`${name}`) ?? fail(`no derivation ${name}`));
  return { path: pathOf(`${name}`), contents, validOutputs: valid.split(',').filter((output) => output !== '') };
}

/** `a b : a`: a and b were asked about, a is valid. */
function checkEvent(words: readonly string[]): Unstamped<Event> {
  const mark = words.indexOf(':');
  return { type: 'paths-checked', asked: words.slice(0, mark).map(pathOf), valid: words.slice(mark + 1).map(pathOf) };
}

/** `1 app lib=none`: the answer to query 1; what is declared of app, and that nobody has lib. */
function foundEvent(world: World, [query, ...words]: readonly string[]): Unstamped<Event> {
  const names = words.map((word) => word.replace(/=none$/, ''));
  return {
    type: 'substitutes-found',
    query: Number(query),
    asked: names.map(pathOf),
    infos: words.map(
      (word) => world.substitutes.get(word) ?? (word.endsWith('=none') ? null : fail(`no substitute ${word}`)),
    ),
  };
}

function goalEventOf(world: World, verb: string, [word, ...words]: readonly string[]): Unstamped<Event> {
  const [name, request] = `${word}`.split('/');
  const goal = goalOf(world, `${name}`, request);
  const build = { startTime: world.now, stopTime: world.now, logSize: 0 };
  const ended = (outcome: Outcome) => ({ type: 'offer-ended', goal, outcome }) as const;
  switch (verb) {
    case 'downloading':
      return { type: 'fetch-event', goal, event: { event: 'downloading', url: 'http://cache/nar', size: 100 } };
    case 'fetched':
    case 'not-fetched':
    case 'fetch-cancelled':
      return { type: 'fetch-ended', goal, end: fetchEnd(verb, pathOf(`${name}`), words) };
    case 'graphs':
      return { type: 'graphs-read', goal, graphs: [graphOf(words)] };
    case 'prepared':
      return { type: 'preparation', goal, preparation: preparedOf(world, `${name}`) };
    case 'valid':
      return { type: 'preparation', goal, preparation: { status: 'valid' } };
    case 'locked':
      return { type: 'preparation', goal, preparation: { status: 'locked', path: pathOf(`${words[0]}`) } };
    case 'missing':
      return { type: 'preparation', goal, preparation: { status: 'missing-input', path: pathOf(`${words[0]}`) } };
    case 'started':
      return {
        type: 'build-event',
        goal,
        event: { event: 'started', process: 42, logFile: new Uint8Array(), time: world.now },
      };
    case 'log':
      return { type: 'build-event', goal, event: { event: 'log', data: Buffer.from(words.join(' ')) } };
    case 'remark':
      return { type: 'build-event', goal, event: { event: 'remark', data: Buffer.from(`${words.join(' ')}\n`) } };
    case 'agent-failed':
      return ended({
        status: 'agent-failed',
        ...build,
        exitCode: Number(words[0]),
        signal: null,
        message: 'it failed',
      });
    case 'declined':
      return ended({ status: 'declined', reason: words.join(' ') });
    case 'postponed':
      return ended({ status: 'postponed', reason: words.join(' '), retryAfter: 2000 });
    case 'succeeded':
      return ended({ status: 'succeeded', ...build });
    case 'failed':
      return ended({ status: 'failed', ...build, exitCode: Number(words[0]), signal: null });
    case 'killed':
      return ended({ status: 'failed', ...build, exitCode: null, signal: `${words[0]}` });
    case 'limited':
      return ended({ status: 'limited', ...build, limit: words[0] as 'timeout' });
    case 'not-started':
      return ended({
        status: 'not-started',
        step: `${words[0]}`,
        error: 'ENOENT',
        message: "executing `x': No such file",
      });
    case 'unsupported':
      return ended({ status: 'unsupported-system', system: `${words[0]}`, machine: 'x86_64-linux' });
    case 'cancelled':
      return ended({ status: 'cancelled' });
    case 'lost':
      return { type: 'agent-lost', goal, message: 'it died' };
    case 'registered':
      return { type: 'registration', goal, registration: { status: 'registered', infos: [] } };
    case 'rejected':
      return {
        type: 'registration',
        goal,
        registration: { status: 'rejected', code: words[0] as 'hash-mismatch', message: words.slice(1).join(' ') },
      };
    case 'refused':
      return { type: 'store-refused', goal, code: `${words[0]}`, message: words.slice(1).join(' ') };
    case 'abandoned':
    case 'timer':
      return { type: verb, goal };
    default:
      return fail(`no event \`${verb}'`);
  }
}

function preparedOf(world: World, name: string) {
  return {
    status: 'prepared',
    build: 7,
    directory: Buffer.from('/gnu/store/staging'),
    contents: world.derivations.get(name) ?? fail(`no derivation ${name}`),
    inputs: [],
    redirected: [],
    missing: [{ name: 'out', path: pathOf(name.replace(/\.drv$/, '')) }],
    valid: [],
  } as const;
}

/** `file root : member …`, each member without references; nothing behind the colon: the root is not valid. */
function graphOf([file, root, , ...members]: readonly string[]): ReadGraph {
  const nodes = members.map((member) => ({
    path: pathOf(member),
    references: [],
    narHash: `sha256:${'0'.repeat(64)}`,
    narSize: 1,
  }));
  return { file: `${file}`, path: pathOf(`${root}`), nodes: nodes.length === 0 ? null : nodes };
}

/** The newest goal for what has this name, or the newest that this request had: an older one may still be tidying up. */
function goalOf(world: World, name: string, request?: string): GoalId {
  const ids = [...world.goals]
    .filter(([, goal]) => goal.name === name && (request === undefined || goal.requests.has(Number(request))))
    .map(([id]) => id);
  return ids.at(-1) ?? fail(`no goal for ${name}`);
}

function fail(message: string): never {
  throw new Error(`trace: ${message}`);
}
