/** The parts of the store, put together in the order in which each needs the others. */
import type { Settings } from '@cooper/config';
import type { Log } from '@cooper/log';
import { AutomaticCollection } from './automatic-collection.ts';
import { Bulk } from './bulk.ts';
import { Collector } from './collector.ts';
import { openDatabase } from './database.ts';
import { Deduplicator } from './deduplicator.ts';
import { Derivations } from './derivations.ts';
import { Failures } from './failures.ts';
import { Hashers } from './hashers.ts';
import { Journal } from './journal.ts';
import { Keys } from './keys.ts';
import { Leases } from './leases.ts';
import type { OwnOptions } from './own-options.ts';
import { Paths } from './paths.ts';
import { Protections } from './protections.ts';
import { recover } from './recovery.ts';
import { Registrar } from './registrar.ts';
import { RootFinder } from './root-finder.ts';
import { SpareLockFiles } from './spare-lock-files.ts';
import { Staging } from './staging.ts';
import { makeStateDirectories } from './state-directories.ts';
import { type Storage, storageFault } from './storage-fault.ts';
import { groupNumber, StoreDirectory } from './store-directory.ts';
import { Sweeper } from './sweeper.ts';
import { TemporaryRoots } from './temporary-roots.ts';
import { Transactions } from './transactions.ts';
import { keepingRules, type Upkeep } from './upkeep-handlers.ts';
import { UserProfiles } from './user-profiles.ts';
import type { World } from './world.ts';

/** How long, in ms, the end waits for what is being removed. */
const sweepingPatience = 5000;

export interface StoreParts {
  readonly world: World;
  readonly bulk: Bulk;
  readonly upkeep: Upkeep;
  readonly keys: Keys;
  readonly log: Log;
  readonly profiles: UserProfiles;
  readonly storage: Storage;
  close(): Promise<void>;
}

/** Opens the store, after whatever an earlier process left has been cleaned up. Faults name what stands in the way. */
export async function openParts(settings: Settings, own: OwnOptions, log: Log): Promise<StoreParts> {
  const { directories } = settings;
  const storage = { storeDir: directories.store, databaseDir: directories.database };
  const ending = new AsyncDisposableStack();
  const keys = new Keys(settings);
  if (keys.believesAnyone) log.warning('substitutes are believed that nobody signed: this is for tests only');
  try {
    const world = await openWorld(settings, own, { log, ending });
    await recover(world, log);
    const bulk = new Bulk(`${directories.run}/bulk`);
    await bulk.listen();
    ending.defer(() => bulk.close());
    const upkeep = makeUpkeep(world, settings, { log, ending });
    const profiles = new UserProfiles(directories.state);
    return { world, bulk, upkeep, keys, profiles, log, storage, close: () => ending.disposeAsync() };
  } catch (error) {
    await ending.disposeAsync();
    throw storageFault(error, storage);
  }
}

function makeUpkeep(world: World, settings: Settings, { log, ending }: Opening): Upkeep {
  const { state, database, run } = settings.directories;
  const roots = new RootFinder(world, { stateDir: state, runDir: run, log });
  const collector = new Collector(world, roots, { stateDir: state, databaseDir: database });
  const limits = { ...keepingRules(settings), minFree: settings['min-free'], maxFree: settings['max-free'] };
  ending.use(new AutomaticCollection(world, collector, limits, log));
  return { settings, roots, collector };
}

interface Opening {
  readonly log: Log;
  /** What has been opened is noted here, to be closed at the end. */
  readonly ending: AsyncDisposableStack;
}

async function openWorld(settings: Settings, own: OwnOptions, { log, ending }: Opening): Promise<World> {
  const { directories, 'build-users-group': group } = settings;
  makeStateDirectories(directories);
  const database = openDatabase(directories.database);
  ending.defer(() => database.close());
  const store = new StoreDirectory(directories.store, group === undefined ? undefined : groupNumber(group));
  const roots = new TemporaryRoots(directories.state, [`${directories.store}/.cooper`]);
  await roots.open();
  ending.defer(() => roots.close());
  const sweeper = new Sweeper((name, problem) => log.warning(`cannot remove \`${name}' from staging: ${problem}`));
  ending.defer(() => sweeper.close(sweepingPatience));
  const hashers = new Hashers();
  ending.defer(() => hashers.close());
  const staging = new Staging(directories.store, sweeper);
  ending.defer(() => staging.close());
  const place = { storeDir: store.path, directory: store.descriptor, staging: staging.descriptor };
  const deduplicator = new Deduplicator({ ...place, faultPoint: own.faultPoint }, (problem) =>
    log.warning(`cannot deduplicate: ${problem}`),
  );
  ending.defer(() => deduplicator.close());
  const paths = new Paths(database.reader);
  const protections = new Protections();
  const transactions = new Transactions(database.writer);
  return {
    store,
    paths,
    staging,
    registrar: new Registrar(database.writer, { transactions, protections, pass: own.pass }),
    transactions,
    spareLockFiles: new SpareLockFiles(staging),
    journal: new Journal(staging.path, directories.store),
    leases: new Leases(roots, protections),
    protections,
    derivations: new Derivations(store, paths),
    deduplicator,
    deduplicates: !settings['disable-deduplication'],
    hashers,
    failures: new Failures(database, transactions),
    prepared: new Map(),
    syncs: own.syncs,
    pass: own.pass,
  };
}
