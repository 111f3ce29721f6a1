/** The contracts that Cooper's processes speak, in the order of docs/protocols. */
import { buildAgentContract } from './build-agent.ts';
import type { Contract } from './contract.ts';
import { machinesContract } from './machines.ts';
import { remoteContract } from './remote.ts';
import { schedulerContract } from './scheduler.ts';
import { storeContract } from './store.ts';
import { substituteContract } from './substitute.ts';

export const contracts: readonly Contract[] = [
  storeContract,
  schedulerContract,
  buildAgentContract,
  substituteContract,
  remoteContract,
  machinesContract,
];
