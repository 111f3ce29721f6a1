/** What the lines of a trace say that concerns requests, agents, and many goals at once. */
import type { Event, EventOf } from '../src/core/event.ts';
import { pathOf } from './trace-derivation.ts';
import { goalEventOf, goalOf } from './trace-goal-event.ts';
import { refuse, type Unstamped, type World } from './trace-world.ts';

/** The event that a line says, after its `>`. */
export function eventOf(world: World, [verb, ...words]: readonly string[]): Unstamped<Event> {
  switch (verb) {
    case 'agents':
      return {
        type: 'agents-changed',
        agents: words.map((name, index) => ({ id: index + 1, name, isLocal: !name.startsWith('remote') })),
      };
    case 'realise':
      return realiseEvent(words);
    case 'repair':
      return { ...realiseEvent(words), mode: 'repair', purpose: 'repair' };
    case 'deriver':
      return deriverEvent(words);
    case 'cancel':
      return { type: 'cancel', request: Number(words[0]) };
    case 'read':
      return { type: 'derivations-read', derivations: words.map((word) => readOf(world, word)) };
    case 'failed-before':
      return failuresEvent(world, words);
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

function realiseEvent([request, ...words]: readonly string[]): Unstamped<EventOf<'realise'>> {
  const flags = new Set(words.filter((word) => word.startsWith('--')));
  return {
    type: 'realise',
    request: Number(request),
    targets: words.filter((word) => !word.startsWith('--')).map((word) => word.replace(/^[^!]*/, pathOf)),
    mode: flags.has('--check') ? 'check' : flags.has('--repair') ? 'repair' : 'normal',
    options: {
      keepFailed: flags.has('--keep-failed'),
      sandbox: !flags.has('--no-sandbox'),
      rounds: flags.has('--two-rounds') ? 2 : 1,
      keepGoing: flags.has('--keep-going'),
      fallback: flags.has('--fallback'),
      offload: !flags.has('--no-offload'),
      substitutes: !flags.has('--no-substitutes'),
      ...(flags.has('--other-caches') ? { substituteUrls: ['http://other'] } : {}),
      ...maxJobs(flags),
      client: { name: 'trace' },
    },
    purpose: flags.has('--dry-run') ? 'plan' : flags.has('--ensure') ? 'ensure' : 'realise',
  };
}

/** `app.drv` (nothing valid), `app.drv=out,lib` (these outputs valid), `app.drv=absent`. */
function readOf(world: World, word: string) {
  const [name, valid = ''] = word.split('=');
  const contents = valid === 'absent' ? null : (world.derivations.get(`${name}`) ?? refuse(`no derivation ${name}`));
  return { path: pathOf(`${name}`), contents, validOutputs: valid.split(',').filter((output) => output !== '') };
}

/** `a b : a`: a and b were asked about, a is valid. */
function checkEvent(words: readonly string[]): Unstamped<Event> {
  const mark = words.indexOf(':');
  return { type: 'paths-checked', asked: words.slice(0, mark).map(pathOf), valid: words.slice(mark + 1).map(pathOf) };
}

/** `1 app=app.drv`: the derivation that made app, for request 1; `1 app`: nobody knows it. */
function deriverEvent([request, word]: readonly string[]): Unstamped<Event> {
  const [name, deriver] = `${word}`.split('=');
  const found = deriver === undefined ? null : pathOf(deriver);
  return { type: 'deriver-found', request: Number(request), path: pathOf(`${name}`), deriver: found };
}

/** `app.drv lib.drv : lib`: asked about the outputs of these two; that of lib has failed. */
function failuresEvent(world: World, words: readonly string[]): Unstamped<Event> {
  const mark = words.indexOf(':');
  const goals = words.slice(0, mark).map((name) => goalOf(world, name));
  return { type: 'failures-read', goals, failed: words.slice(mark + 1).map(pathOf) };
}

/** `1 app lib=none`: the answer to query 1; what is declared of app, and that nobody has lib. */
function foundEvent(world: World, [query, ...words]: readonly string[]): Unstamped<Event> {
  const names = words.map((word) => word.replace(/=none$/, ''));
  return {
    type: 'substitutes-found',
    query: Number(query),
    asked: names.map(pathOf),
    infos: words.map(
      (word) => world.substitutes.get(word) ?? (word.endsWith('=none') ? null : refuse(`no substitute ${word}`)),
    ),
  };
}

/** `--max-jobs=2` */
function maxJobs(flags: ReadonlySet<string>): { readonly maxJobs?: number } {
  const flag = [...flags].find((word) => word.startsWith('--max-jobs='));
  return flag === undefined ? {} : { maxJobs: Number(flag.slice('--max-jobs='.length)) };
}
