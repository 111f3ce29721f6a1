/**
 * A small real process that is wired like the store, the scheduler or the builder, as its first word says. With the word
 * `slow` it takes a while to come up.
 */
import type { Duplex } from 'node:stream';
import { Fault } from '@cooper/fault';
import { type Client, connect, serve } from '@cooper/ipc';
import { type ProcessContext, run } from '@cooper/process';
import { standInContract } from './stand-in-contract.ts';

type StandIn = Client<ReturnType<typeof standInContract>>;

const role = process.argv[2] ?? '';
const contracts = new Map([
  ['store', 'store'],
  ['scheduler', 'scheduler'],
  ['builder', 'build-agent'],
]);

async function pidOf(client: StandIn): Promise<number> {
  return (await client.call('status', {})).pid;
}

/** The process ids of those that answer: one of them may have died just now. */
async function pidsOf(clients: Iterable<StandIn>): Promise<readonly number[]> {
  const answers = await Promise.allSettled(Array.from(clients, pidOf));
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}

async function main(context: ProcessContext): Promise<void> {
  if (context.args.includes('slow')) await new Promise((resolve) => setTimeout(resolve, 500));
  context.dropPrivileges();
  const client = { client: context.name };
  const channel = context.channel('store');
  const store = channel === undefined ? undefined : await connect(standInContract('store'), channel, client);
  void store?.closed.then(() => context.fail(new Fault('store-failed', 'the store has closed the channel')));
  const agents = new Set<StandIn>();
  await context.listen('build-agents', async (stream: Duplex) => {
    const agent = await connect(standInContract('build-agent'), stream, client);
    agents.add(agent);
    await agent.closed;
    agents.delete(agent);
  });
  const contract = standInContract(contracts.get(role) ?? role);
  const handlers = {
    status: async () => ({
      pid: process.pid,
      store: store === undefined ? null : await pidOf(store),
      agents: await pidsOf(agents),
    }),
    die: ({ how }: { readonly how: 'exit' | 'kill' }) => {
      if (how === 'kill') process.kill(process.pid, 'SIGKILL');
      return process.exit(3);
    },
  };
  await context.serve(contract.name, (stream) => serve(contract, handlers, stream, { server: role }).closed);
}

run(`stand-in-${role}`, main);
