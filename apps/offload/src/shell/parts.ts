/** The parts of the agent, put together. */
import type { storeContract } from '@cooper/contracts';
import type { Client } from '@cooper/ipc';
import type { Log } from '@cooper/log';
import type { Machine } from '@cooper/machines';
import { Closures } from './closures.ts';
import { Fleet, type ReadMachines } from './fleet.ts';
import { KeptHealth } from './kept-health.ts';
import type { Keys } from './keys.ts';
import { RemoteBuild } from './remote-build.ts';
import type { ServiceParts } from './service.ts';
import { Session } from './session.ts';
import type { OffloadSettings } from './settings.ts';

export interface Surroundings {
  readonly settings: OffloadSettings;
  /** Read already, with rights that this process had when it was started. */
  readonly machines: ReadMachines;
  readonly keys: Keys;
  readonly store: Client<typeof storeContract>;
  readonly log: Log;
}

export function makeParts({ settings, machines, keys, store, log }: Surroundings): ServiceParts {
  const { machinesFile: file, system, ownDirectory, storeDir, logDir } = settings;
  keys.clear();
  const reach = (machine: Machine) => {
    keys.lay(machine);
    return Session.open(machine, ownDirectory, { client: store, directory: storeDir });
  };
  const health = new KeptHealth(`${ownDirectory}/health.json`, log);
  const fleet = new Fleet({ file, machines, system, keys, health, reach, log });
  return { settings, fleet, closures: new Closures(store), build: new RemoteBuild(store, logDir) };
}
