/**
 * The store contract: everything that reads or changes the store directory and its database goes through it. Calls take
 * lists: a graph of 10,000 derivations costs a handful of round trips. Leases and prepared builds belong to the channel
 * that made them, and go when it goes.
 */
import { contract } from './contract.ts';
import { storeBuilds } from './store-builds.ts';
import { storeItems } from './store-items.ts';
import { storeQueries } from './store-queries.ts';
import { storeUpkeep } from './store-upkeep.ts';

export const storeContract = contract({
  name: 'store',
  version: 1,
  about: 'Holds the store items and what is known of them.',
  methods: { ...storeQueries, ...storeItems, ...storeBuilds, ...storeUpkeep },
});
