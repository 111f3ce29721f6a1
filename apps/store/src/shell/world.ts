/** What every part of the store works with. */
import type { Bulk } from './bulk.ts';
import type { Paths } from './paths.ts';
import type { Staging } from './staging.ts';

export interface World {
  readonly storeDir: string;
  readonly paths: Paths;
  readonly staging: Staging;
  readonly bulk: Bulk;
}
