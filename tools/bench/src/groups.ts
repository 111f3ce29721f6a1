/**
 * The rows, by groups: a file for each. A new group is a function that is given the bench and adds its rows with
 * `bench.row`; it starts what it needs only if the bench wants one of them. Those that take longest come last: when the
 * time is up, they are left out.
 */
import type { Bench } from './bench.ts';
import { buildRows } from './build-rows.ts';
import { daemonRows } from './daemon-rows.ts';
import { fileRows } from './file-rows.ts';
import { goalRows } from './goal-rows.ts';
import { offloadRows } from './offload-rows.ts';
import { silenceRows } from './silence-rows.ts';
import { startRows } from './start-rows.ts';
import { substituteRows } from './substitute-rows.ts';
import { latencyRow, upkeepRows } from './upkeep-rows.ts';
import { wireRows } from './wire-rows.ts';

export const groups: readonly ((bench: Bench) => Promise<void>)[] = [
  buildRows,
  goalRows,
  daemonRows,
  silenceRows,
  startRows,
  wireRows,
  fileRows,
  upkeepRows,
  substituteRows,
  offloadRows,
  latencyRow,
];
