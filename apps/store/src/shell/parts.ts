/** The parts of the store, put together. */
import type { Directories } from '@cooper/config';
import { Bulk } from './bulk.ts';
import type { Connection } from './database.ts';
import { Derivations } from './derivations.ts';
import { Imports } from './imports.ts';
import { Leases } from './leases.ts';
import { Paths } from './paths.ts';
import type { StoreParts } from './service.ts';
import { Staging } from './staging.ts';
import { Texts } from './texts.ts';
import { Trees } from './trees.ts';

export async function openParts(directories: Directories, connection: Connection): Promise<StoreParts> {
  const bulk = new Bulk(`${directories.run}/bulk`);
  const staging = new Staging(directories.store);
  const world = { storeDir: directories.store, paths: new Paths(connection), staging, bulk };
  staging.prepare();
  await bulk.listen();
  const derivations = new Derivations(world.storeDir);
  return {
    world,
    derivations,
    texts: new Texts(world, derivations),
    trees: new Trees(world),
    imports: new Imports(world, derivations),
    leases: new Leases(),
  };
}
