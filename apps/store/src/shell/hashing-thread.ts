/** A thread that hashes items: see hashers.ts. A message is where one lies; the answer is its hash, or why there is none. */
import { parentPort } from 'node:worker_threads';
import { formatPrefixedHash } from '@cooper/hash';
import { hashTree } from '@cooper/nar-files';
import type { Hashed } from './hashers.ts';
import { isUnreadable } from './storage-fault.ts';
import type { Location } from './store-directory.ts';

parentPort?.on('message', (location: Location) => parentPort?.postMessage(hash(location)));

function hash(location: Location): Hashed {
  try {
    return { narHash: formatPrefixedHash(hashTree(location).hash, 'base16') };
  } catch (error) {
    const { message } = error as Error;
    return isUnreadable(error) ? { unreadable: message } : { problem: message };
  }
}
