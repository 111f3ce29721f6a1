/** The examples of every contract, by its name. */
import type { storeContract } from '@cooper/contracts';
import { buildAgentExamples } from './build-agent.ts';
import type { AnyExamples, Examples } from './example.ts';
import { machinesExamples } from './machines.ts';
import { remoteExamples } from './remote.ts';
import { schedulerExamples } from './scheduler.ts';
import { storeBuildExamples } from './store-builds.ts';
import { storeItemExamples } from './store-items.ts';
import { storeQueryExamples } from './store-queries.ts';
import { storeUpkeepExamples } from './store-upkeep.ts';
import { substituteExamples } from './substitute.ts';

const storeExamples: Examples<typeof storeContract> = {
  ...storeQueryExamples,
  ...storeItemExamples,
  ...storeBuildExamples,
  ...storeUpkeepExamples,
};

export const examples: Readonly<Record<string, AnyExamples>> = {
  store: storeExamples,
  scheduler: schedulerExamples,
  'build-agent': buildAgentExamples,
  substitute: substituteExamples,
  remote: remoteExamples,
  machines: machinesExamples,
};
