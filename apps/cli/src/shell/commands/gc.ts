/** `cooper gc`: what is live or dead, and the deletion of what is dead. */
import type { storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import { formatSize, parseSize } from '../../core/byte-size.ts';
import { exitStatus } from '../../core/exit-status.ts';
import { parseAge } from '../../core/generations.ts';
import { jsonLine } from '../../core/json-line.ts';
import { messages } from '../../core/messages.ts';
import { Interruption } from '../interrupt.ts';
import { print, printLines, say } from '../output.ts';
import { removeOldGenerations } from '../profile-generations.ts';
import { withStore } from '../session.ts';
import type { Invocation } from '../setting-options.ts';
import { storeArgument } from '../store-argument.ts';
import { printRoots } from './roots.ts';

type Store = Client<typeof storeContract>;

export interface GcOptions {
  readonly printLive?: boolean;
  readonly printDead?: boolean;
  readonly printRoots?: boolean;
  readonly maxFreed?: string;
  readonly delete?: readonly string[];
  readonly deleteOlderThan?: string;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

interface Wish {
  readonly action: 'live' | 'dead' | 'delete-dead' | 'delete-specific';
  readonly paths?: StorePath[];
  readonly maxFreed?: number;
}

/** Does what the options say; with none, deletes what is dead. Gives the exit status. */
export async function gc(options: GcOptions, invocation: Invocation): Promise<number> {
  const wish = wishOf(options, invocation.settings.directories.store);
  const { deleteOlderThan: age } = options;
  if (age !== undefined) deleteGenerations(age, invocation);
  return withStore(invocation, (store) => {
    if (options.printRoots) return printRoots(store, options);
    return collect(store, wish, options);
  });
}

function wishOf(options: GcOptions, storeDir: string): Wish {
  const { printLive, printDead, printRoots: roots, maxFreed, delete: words } = options;
  const chosen = [printLive, printDead, roots, words].filter((choice) => choice !== undefined);
  if (chosen.length > 1) throw new Fault('invalid-option', messages.oneAction);
  if (printLive) return { action: 'live' };
  if (printDead) return { action: 'dead' };
  if (words !== undefined) {
    return { action: 'delete-specific', paths: words.map((word) => storeArgument(storeDir, word)) };
  }
  const limit = maxFreed === undefined ? undefined : parseSize(maxFreed);
  if (maxFreed !== undefined && limit === undefined) throw new Fault('invalid-option', messages.noSize(maxFreed));
  return { action: 'delete-dead', ...(limit !== undefined && { maxFreed: limit }) };
}

function deleteGenerations(age: string, { settings }: Invocation): void {
  const milliseconds = parseAge(age);
  if (milliseconds === undefined) throw new Fault('invalid-option', messages.noAge(age));
  const removed = removeOldGenerations(`${settings.directories.state}/profiles`, Date.now() - milliseconds);
  for (const file of removed) say(messages.info(messages.generationRemoved(file)));
}

async function collect(store: Store, wish: Wish, { json = false, verbose = false }: GcOptions): Promise<number> {
  const isDeletion = wish.action.startsWith('delete');
  const interruption = new Interruption(() => say(messages.interrupted));
  let count = 0;
  const onItem = async ({ paths, bytesFreed }: { paths: readonly StorePath[]; bytesFreed: number }) => {
    count += paths.length;
    if (json) await print(jsonLine({ event: isDeletion ? 'deleted' : wish.action, paths, bytesFreed }));
    else if (!isDeletion || verbose) await printLines(paths);
  };
  try {
    const { bytesFreed } = await store.call('collectGarbage', wish, { onItem, signal: interruption.signal });
    if (json) await print(jsonLine({ event: 'result', paths: count, bytesFreed }));
    else if (isDeletion) say(messages.info(messages.collected(count, formatSize(bytesFreed))));
    return exitStatus.success;
  } finally {
    interruption.end();
  }
}
