/** What every part of the store works with. */
import type { StorePath } from '@cooper/store-path';
import type { PreparedBuild } from './build.ts';
import type { Deduplicator } from './deduplicator.ts';
import type { Derivations } from './derivations.ts';
import type { Failures } from './failures.ts';
import type { PassPoint } from './fault-point.ts';
import type { Hashers } from './hashers.ts';
import type { Journal } from './journal.ts';
import type { Leases } from './leases.ts';
import type { Paths } from './paths.ts';
import type { Protections } from './protections.ts';
import type { Registrar } from './registrar.ts';
import type { SpareLockFiles } from './spare-lock-files.ts';
import type { Staging } from './staging.ts';
import type { StoreDirectory } from './store-directory.ts';
import type { Transactions } from './transactions.ts';

export interface World {
  readonly store: StoreDirectory;
  readonly paths: Paths;
  readonly registrar: Registrar;
  readonly transactions: Transactions;
  readonly staging: Staging;
  readonly journal: Journal;
  readonly spareLockFiles: SpareLockFiles;
  readonly leases: Leases;
  readonly protections: Protections;
  readonly derivations: Derivations;
  readonly deduplicator: Deduplicator;
  /** Whether what is added is deduplicated. */
  readonly deduplicates: boolean;
  readonly hashers: Hashers;
  readonly failures: Failures;
  /** The builds of all channels that are prepared, and not being judged, by their derivations: locks keep them apart. */
  readonly prepared: Map<StorePath, PreparedBuild>;
  /** Whether items are made durable before they are registered: see docs/store-states.md. */
  readonly syncs: boolean;
  readonly pass: PassPoint;
}
