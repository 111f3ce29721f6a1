/** What holds for every store: what is in it is what was put in, under the name that this gives it, whole or not at all. */
import { storeContract } from '@cooper/contracts';
import type { Place } from './place.ts';
import type { Scenario } from './scenario.ts';
import { storeBuildScenarios } from './store-builds.ts';
import { storeItemScenarios } from './store-items.ts';
import { type StoreScenario, StoreTrial } from './store-trial.ts';
import { wireScenarios } from './wire-scenarios.ts';

export function storeScenarios(place: Place): Scenario<unknown>[] {
  const probe = { method: 'queryValidPaths', params: { paths: [] }, field: 'paths', wrong: 'all' };
  const scenario: StoreScenario = (name, about, run) => ({
    name,
    about,
    run: async (subject) => run(await StoreTrial.open(place, subject)),
  });
  return [
    ...wireScenarios(storeContract, probe),
    ...storeItemScenarios(scenario, place.store),
    ...storeBuildScenarios(scenario),
  ];
}
