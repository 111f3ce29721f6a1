/** `cooper store verify`, `repair`, `optimise` and `vacuum`. */
import type { Item, RequestOptions, storeContract } from '@cooper/contracts';
import type { Client } from '@cooper/ipc';
import type { StorePath } from '@cooper/store-path';
import type { Table } from '@cooper/table';
import { formatSize } from '../../core/byte-size.ts';
import { exitStatus } from '../../core/exit-status.ts';
import { jsonLine } from '../../core/json-line.ts';
import { messages } from '../../core/messages.ts';
import { requestOptions } from '../../core/request-options.ts';
import { makeDisplay } from '../display.ts';
import { print, say } from '../output.ts';
import { withStore, withTable } from '../session.ts';
import type { Invocation } from '../setting-options.ts';
import { storeArgument } from '../store-argument.ts';

type Store = Client<typeof storeContract>;
type Finding = Item<typeof storeContract, 'verify'>;

interface Shown {
  readonly json?: boolean;
}

/** Says what is missing or corrupt; exits with 1 when anything is. */
export function verify(options: Shown & { readonly contents?: boolean }, invocation: Invocation): Promise<number> {
  return withStore(invocation, async (store) => {
    const found = await findProblems(store, options.contents ?? false, options);
    return found.length === 0 ? exitStatus.success : exitStatus.failure;
  });
}

async function findProblems(store: Store, contents: boolean, { json }: Shown): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const onItem = async (finding: Finding) => {
    if (finding.event !== 'progress') found.push(finding);
    if (json) await print(jsonLine(finding));
    else if (finding.event !== 'progress') say(messages.finding(finding));
  };
  const result = await store.call('verify', { contents }, { onItem });
  if (json) await print(jsonLine({ event: 'result', ...result }));
  else say(messages.info(messages.verified(result.checked, found.length)));
  return found;
}

/** Replaces what is corrupt or missing: these items, or all that a verification finds. */
export function repair(words: readonly string[], options: Shown, invocation: Invocation): Promise<number> {
  const { store: storeDir } = invocation.settings.directories;
  return withTable(invocation, async (table) => {
    const given = words.map((word) => storeArgument(storeDir, word));
    const paths = words.length > 0 ? given : await brokenPaths(await table.store(), options);
    if (paths.length === 0) return exitStatus.success;
    return repairPaths(table, { paths, options: wishesOf(invocation) }, options);
  });
}

async function brokenPaths(store: Store, options: Shown): Promise<StorePath[]> {
  const found = await findProblems(store, true, options);
  return found.flatMap((finding) => (finding.event === 'progress' ? [] : [finding.path]));
}

/** The builds may need what those needed that made the items, such as paths of the host. */
function wishesOf({ settings, given }: Invocation): RequestOptions {
  return requestOptions({ settings, given, flags: {}, sandboxPaths: [], user: undefined });
}

interface RepairWish {
  readonly paths: StorePath[];
  readonly options: RequestOptions;
}

async function repairPaths(table: Table, wish: RepairWish, { json = false }: Shown): Promise<number> {
  const display = makeDisplay({ json, verbose: false });
  const scheduler = await table.scheduler();
  const call = scheduler.call('repair', wish, { onItem: (event) => display.show(event) });
  const outcome = await call.finally(() => display.end());
  if (json) await print(jsonLine({ event: 'result', ...outcome }));
  else if (outcome.message !== undefined) say(messages.error(outcome.message));
  else say(messages.info(messages.repaired(wish.paths.length)));
  return outcome.exitStatus;
}

/** Has equal files share their blocks. */
export function optimise({ json }: Shown, invocation: Invocation): Promise<number> {
  return withStore(invocation, async (store) => {
    const result = await store.call('optimise', {});
    if (json) await print(jsonLine(result));
    else say(messages.info(messages.optimised(result.filesLinked, formatSize(result.bytesFreed))));
    return exitStatus.success;
  });
}

/** Checks the database and makes it small. */
export function vacuum({ json }: Shown, invocation: Invocation): Promise<number> {
  return withStore(invocation, async (store) => {
    const result = await store.call('vacuum', {});
    if (json) await print(jsonLine(result));
    else say(messages.info(messages.vacuumed(formatSize(result.before), formatSize(result.after))));
    return exitStatus.success;
  });
}
