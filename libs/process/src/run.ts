/** The skeleton of every process: its wiring, its log, its signals, its end. */
import { constants } from 'node:os';
import { isFault } from '@cooper/fault';
import { makeLog } from '@cooper/log';
import { ProcessContext, type RunOptions } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { parseWiring, type Wiring } from './wiring.ts';

/**
 * Runs the process `name`: `main` sets it up, and returns when it serves. It ends by a signal, with its lifeline, with the
 * only stream that it serves, or by an error: exit-codes.ts.
 */
export function run(
  name: string,
  main: (context: ProcessContext) => Promise<void> | void,
  options: RunOptions = {},
): void {
  process.title = name;
  process.umask(0o022);
  const context = new ProcessContext(name, wiringOrExit(name), options);
  process.on('uncaughtException', (error) => context.fail(error));
  process.on('unhandledRejection', (error) => context.fail(error));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => context.signalled(signal, constants.signals[signal]));
  }
  context.watchLifeline();
  Promise.resolve()
    .then(() => main(context))
    .catch((error: unknown) => context.fail(error));
}

function wiringOrExit(name: string): Wiring {
  try {
    return parseWiring(process.argv.slice(2));
  } catch (error) {
    if (!isFault(error)) throw error;
    makeLog(name).error(error.message, { code: error.code });
    return process.exit(exitCodes.usage);
  }
}
