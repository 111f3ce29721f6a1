/** What holds of a store whenever nothing is under way: docs/store-states.md. */
import { formatPrefixedHash } from '@cooper/hash';
import { hashTree } from '@cooper/nar-files';
import type { StorePath } from '@cooper/store-path';
import type { StoreClient, StorePlace } from './running-store.ts';

interface Test {
  equal(found: unknown, wanted: unknown, about: string): unknown;
  strictSame(found: unknown, wanted: unknown, about: string): unknown;
}

/** Everything in the store directory is valid and whole, and everything valid is there. */
export async function checkStore(t: Test, client: StoreClient, place: StorePlace): Promise<readonly StorePath[]> {
  const valid: StorePath[] = [];
  await client.call('queryAllValidPaths', {}, { onItem: ({ paths }) => void valid.push(...paths) });
  t.strictSame(await place.left(), [], 'nothing is left in staging or in the journal');
  t.strictSame(
    place.items(),
    valid.map((path) => path.slice(place.storeDir.length + 1)),
    'what is there is valid, what is valid is there',
  );
  const { infos } = await client.call('queryPathInfos', { paths: valid });
  for (const info of infos) {
    t.equal(info?.narHash, formatPrefixedHash(hashTree(info?.path ?? '').hash, 'base16'), 'and whole');
  }
  return valid;
}
