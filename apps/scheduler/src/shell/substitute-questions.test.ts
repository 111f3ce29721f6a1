/** Several substitute agents, and one that says nothing at all: real channels, both ends of which are in this process. */
import { type SubstituteInfo, substituteContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { type Call, memoryPair, serve } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import t from 'tap';
import { type SubstituteAgent, SubstituteAgents } from './substitute-agents.ts';
import { SubstituteQuestions } from './substitute-questions.ts';

const pathOf = (letter: string) => `/gnu/store/${letter.repeat(32)}-item` as StorePath;
const [a, b, c] = [pathOf('a'), pathOf('b'), pathOf('c')];

function offer(path: StorePath, url: string): SubstituteInfo {
  const facts = { path, deriver: null, references: [], downloadSize: 1, narHash: `sha256:${'0'.repeat(64)}` };
  return { ...facts, narSize: 1, narinfo: new Uint8Array(), url };
}

type Offers = readonly StorePath[] | 'warnings' | null;

/** Warns until the channel ends. */
async function warn({ send, signal }: Call<typeof substituteContract, 'query'>): Promise<never> {
  for (;;) {
    await send({ event: 'warning', message: 'again' });
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
}

/** Connects an agent that has `offers`, that never answers, or that warns without end. */
async function addAgent(agents: SubstituteAgents, name: string, offers: Offers): Promise<void> {
  const [near, far] = memoryPair();
  const unused = () => {
    throw new Fault('invalid-request', 'nobody asks for that here');
  };
  const answer = (paths: readonly StorePath[]) => ({
    infos: paths.map((path) => (offers !== 'warnings' && offers?.includes(path) ? offer(path, name) : null)),
  });
  const query = ({ paths }: { paths: readonly StorePath[] }, call: Call<typeof substituteContract, 'query'>) => {
    if (offers === 'warnings') return warn(call);
    return offers === null ? new Promise<never>(() => {}) : answer(paths);
  };
  serve(substituteContract, { query, fetch: unused, fetchSmall: unused }, far, { server: name });
  const before = (await allOf(agents)).length;
  void agents.add(near);
  while ((await allOf(agents)).length === before) await new Promise((resolve) => setImmediate(resolve));
}

/** Without waiting for the first one. */
async function allOf(agents: SubstituteAgents): Promise<readonly SubstituteAgent[]> {
  return Promise.race([agents.all(), new Promise<readonly []>((resolve) => setImmediate(resolve, []))]);
}

const names = (infos: readonly (SubstituteInfo | null)[]) => infos.map((info) => info?.url ?? null);

t.test('what the newest agent does not have is asked of the one before it', async (t) => {
  const agents = new SubstituteAgents();
  const questions = new SubstituteQuestions(agents);
  await addAgent(agents, 'old', [a, b]);
  await addAgent(agents, 'new', [b]);
  const infos = await questions.ask({ paths: [a, b, c], urls: null }, { onItem: () => {} });
  t.same(names(infos), ['old', 'new', null]);
  const [first, second] = infos;
  if (!first || !second) throw new Error('they are not offered');
  t.same([(await agents.agentFor(first))?.server, (await agents.agentFor(second))?.server], ['old', 'new']);
});

t.test('an agent that says nothing is cut off, and another one is asked', async (t) => {
  const agents = new SubstituteAgents();
  const questions = new SubstituteQuestions(agents, { silence: 50, question: 1_000_000 });
  await addAgent(agents, 'good', [a]);
  await addAgent(agents, 'dumb', null);
  t.same(names(await questions.ask({ paths: [a], urls: null }, { onItem: () => {} })), ['good']);
  t.equal((await agents.all()).length, 1);
});

t.test('an agent that has no end of warnings is cut off, and another one is asked', async (t) => {
  const agents = new SubstituteAgents();
  const questions = new SubstituteQuestions(agents, { silence: 1_000_000, question: 50 });
  await addAgent(agents, 'good', [a]);
  await addAgent(agents, 'talkative', 'warnings');
  let warnings = 0;
  const onItem = () => void warnings++;
  t.same(names(await questions.ask({ paths: [a], urls: null }, { onItem })), ['good']);
  t.ok(warnings > 0);
  t.equal((await agents.all()).length, 1);
});
