/** The running processes for the length of a command. */
import { existsSync } from 'node:fs';
import type { storeContract } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import { openTable, type Table } from '@cooper/table';
import { messages } from '../core/messages.ts';
import { tableValues } from '../core/request-options.ts';
import { say } from './output.ts';
import { type Invocation, readForUser } from './setting-options.ts';

/** Does `work` with the processes for these settings, starting them if need be, and lets them go. */
export async function withTable<T>({ settings, given }: Invocation, work: (table: Table) => Promise<T>): Promise<T> {
  const table = await openTable(readForUser(tableValues(given)), 'cooper');
  try {
    const other = table.otherSettings;
    if (other.length > 0 && Object.keys(given).length > 0) say(messages.warning(messages.otherSettings(other)));
    return await work(table);
  } catch (error) {
    throw isFault(error) ? withLog(error, settings.directories.run) : error;
  } finally {
    table.close();
  }
}

/** What a process cannot tell its client, since it has died or met a bug, it says in the log that all of them share. */
function withLog(fault: Fault, run: string): Fault {
  const { code, message, facts } = fault;
  if (code !== 'channel-closed' && code !== 'internal-error') return fault;
  return new Fault(code, messages.seeLog(message, `${run}/log`), facts, { cause: fault });
}

/** False when certainly no processes run for these settings. */
export function hasTable({ settings }: Invocation): boolean {
  return existsSync(`${settings.directories.run}/supervisor`);
}

/** Does `work` with the store. */
export function withStore<T>(
  invocation: Invocation,
  work: (store: Client<typeof storeContract>) => Promise<T>,
): Promise<T> {
  return withTable(invocation, async (table) => work(await table.store()));
}
