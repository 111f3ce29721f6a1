/** The thread that removes trees: see sweeper.ts. A message is where one lies; the answer is what became of it. */
import { parentPort } from 'node:worker_threads';
import { removeTree } from '@cooper/nar-files';
import type { Location } from './store-directory.ts';
import type { Swept } from './sweeper.ts';

parentPort?.on('message', (location: Location) => parentPort?.postMessage(sweep(location)));

function sweep(location: Location): Swept {
  const { name } = location;
  try {
    return { name, freed: removeTree(location) };
  } catch (error) {
    return { name, freed: 0, problem: (error as Error).message };
  }
}
