/**
 * The thread that makes equal files one: see deduplicator.ts. It alone changes `.links`, so that no two of its tasks race;
 * other programs may, at any moment, and so may a collection take away what is being looked at.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { DeduplicationAnswer, DeduplicationPlace, DeduplicationTask } from './deduplicator.ts';
import { LinkedFiles } from './linked-files.ts';
import { Relinking } from './relinking.ts';

const place = workerData as DeduplicationPlace;
const files = new LinkedFiles(place);

parentPort?.on('message', (task: DeduplicationTask) => parentPort?.postMessage(answer(task)));

function answer(task: DeduplicationTask): DeduplicationAnswer {
  try {
    if (task.type === 'remove-unused') return files.removeUnused();
    const relinking = new Relinking(place, files);
    relinking.tree(task.name);
    return relinking.result;
  } catch (error) {
    return { files: 0, bytes: 0, problem: (error as Error).message };
  }
}
