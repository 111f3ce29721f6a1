/** What the lines of a trace say that happens to one goal. */
import type { Outcome } from '@cooper/contracts';
import type { BrokenItem, Event, ReadGraph } from '../src/core/event.ts';
import type { GoalId } from '../src/core/goal.ts';
import { differenceOf, preparedOf, rejectionOf } from './trace-build.ts';
import { pathOf } from './trace-derivation.ts';
import { fetchEnd } from './trace-substitute.ts';
import { refuse, type Unstamped, type World } from './trace-world.ts';

export function goalEventOf(world: World, verb: string, [word, ...words]: readonly string[]): Unstamped<Event> {
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
    case 'contents':
      return { type: 'contents-checked', goal, corrupt: words.slice(1).map(pathOf) };
    case 'closure':
      return { type: 'closure-inspected', goal, broken: words.slice(1).map(brokenOf) };
    case 'graphs':
      return { type: 'graphs-read', goal, graphs: [graphOf(words)] };
    case 'prepared':
      return { type: 'preparation', goal, preparation: preparedOf(world, `${name}`, words) };
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
      return ended({ status: 'succeeded', ...build, ...(words[0] === 'held' ? { held: 3 } : {}) });
    case 'settled':
      return { type: 'settled', goal, keptDirectory: words[0] === undefined ? null : Buffer.from(words[0]) };
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
    case 'agent-refused':
      return { type: 'agent-refused', goal, message: words.join(' ') };
    case 'lost':
      return { type: 'agent-lost', goal, message: 'it died' };
    case 'registered':
      return { type: 'registration', goal, registration: { status: 'registered', infos: [] } };
    case 'rejected':
      return { type: 'registration', goal, registration: rejectionOf(words) };
    case 'differs':
      return { type: 'registration', goal, registration: differenceOf(words) };
    case 'same':
    case 'round-done':
      return { type: 'registration', goal, registration: { status: verb } };
    case 'refused':
      return { type: 'store-refused', goal, code: `${words[0]}`, message: words.slice(1).join(' ') };
    case 'remembered':
    case 'abandoned':
    case 'timer':
      return { type: verb, goal };
    default:
      return refuse(`no event \`${verb}'`);
  }
}

/** `lib=lib.drv`: lib is broken, and lib.drv has made it. */
function brokenOf(word: string): BrokenItem {
  const [name, deriver] = word.split('=');
  return { path: pathOf(`${name}`), deriver: deriver === undefined ? null : pathOf(deriver) };
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
export function goalOf(world: World, name: string, request?: string): GoalId {
  const ids = [...world.goals]
    .filter(([, goal]) => goal.name === name && (request === undefined || goal.requests.has(Number(request))))
    .map(([id]) => id);
  return ids.at(-1) ?? refuse(`no goal for ${name}`);
}
