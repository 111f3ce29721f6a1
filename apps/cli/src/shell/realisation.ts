/** One build request, from the first event to the store paths. */
import type { RequestOptions, Result, SchedulerEvent, schedulerContract } from '@cooper/contracts';
import { isFault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import type { Table } from '@cooper/table';
import { exitStatus } from '../core/exit-status.ts';
import { jsonLine } from '../core/json-line.ts';
import { messages } from '../core/messages.ts';
import { type DisplayOptions, makeDisplay } from './display.ts';
import { GraphReader } from './graph-reader.ts';
import { Interruption } from './interrupt.ts';
import { print, printLines, say } from './output.ts';
import { addResultRoots, leaseOutputs } from './result-root.ts';

export interface Wish {
  readonly targets: readonly string[];
  readonly options: RequestOptions;
  readonly storeDir: string;
  /** The link to be made to what was built. */
  readonly root?: string | undefined;
}

type Outcome = Result<typeof schedulerContract, 'realise'>;

/** How the scheduler is asked: for a request of our own, or to tell of one that is under way. */
type Ask = (scheduler: Client<typeof schedulerContract>, how: How) => Promise<Outcome>;

interface How {
  readonly onItem: (event: SchedulerEvent) => void | Promise<void>;
  readonly signal: AbortSignal;
}

/** Has `wish` come true, shows how, and prints the paths. Gives the exit status. */
export function realise(table: Table, wish: Wish, shown: DisplayOptions): Promise<number> {
  const { targets, options } = wish;
  return follow(table, wish, shown, (scheduler, how) =>
    scheduler.call('realise', { targets, options, mode: 'normal' }, how),
  );
}

/** Shows how a request goes on that is under way. An interruption ends the showing, not the request. */
export function attach(table: Table, request: number, storeDir: string, shown: DisplayOptions): Promise<number> {
  const wish = { targets: [], options: {}, storeDir };
  return follow(table, wish, shown, (scheduler, how) => scheduler.call('attach', { request }, how));
}

async function follow(table: Table, wish: Wish, shown: DisplayOptions, ask: Ask): Promise<number> {
  const { storeDir, root } = wish;
  const display = makeDisplay(shown);
  const store = await table.store();
  if (root !== undefined) await leaseOutputs(store, storeDir, wish.targets);
  const graph = new GraphReader(store, storeDir, display);
  const scheduler = await table.scheduler();
  const interruption = new Interruption(() => display.say(messages.interrupted));
  const onItem = (event: SchedulerEvent) => {
    if (event.event === 'planned') graph.read(event.build);
    return display.show(event);
  };
  try {
    const call = ask(scheduler, { onItem, signal: interruption.signal });
    const outcome = await call.finally(() => display.end());
    if (root !== undefined && outcome.exitStatus === 0) await addResultRoots(store, pathsOf(outcome), root);
    return await conclude(outcome, wish, shown);
  } catch (error) {
    if (!(interruption.signal.aborted && isFault(error, 'cancelled'))) throw error;
    if (shown.json) await print(jsonLine({ event: 'result', ...cancelled, message: error.message }));
    return cancelled.exitStatus;
  } finally {
    interruption.end();
  }
}

const cancelled = { exitStatus: exitStatus.failure, results: [] };

async function conclude(outcome: Outcome, { storeDir }: Wish, { json }: DisplayOptions): Promise<number> {
  const status = exitStatusOf(outcome);
  if (json) {
    await print(jsonLine({ event: 'result', ...outcome, exitStatus: status }));
    return status;
  }
  const { results, message } = outcome;
  const paths = pathsOf(outcome);
  if (results.every((result) => result.status === 'already-valid'))
    say(messages.info(messages.allValid(paths.length, storeDir)));
  for (const result of results)
    if (result.status === 'no-substituters') say(messages.error(messages.isUnknown([result.target])));
  if (message !== undefined) say(messages.error(message));
  await printLines(paths);
  return status;
}

/** What was built, each once. */
function pathsOf({ results }: Outcome): StorePath[] {
  const made = results.filter((result) => successes.has(result.status));
  return [...new Set(made.flatMap((result) => result.outputs.map(({ path }) => path)))];
}

const successes: ReadonlySet<string> = new Set(['built', 'substituted', 'already-valid']);

/** For the reference, a path that nobody has is no failure; whoever names one on a command line wants it. */
function exitStatusOf({ exitStatus: status, results }: Outcome): number {
  const absent = results.some((result) => result.status === 'no-substituters');
  return status === exitStatus.success && absent ? exitStatus.failure : status;
}
