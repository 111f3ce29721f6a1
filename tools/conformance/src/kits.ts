/** The list of contracts that implementations can be tried against. */
import { buildAgentScenarios } from './build-agent-scenarios.ts';
import type { Place } from './place.ts';
import type { Scenario } from './scenario.ts';
import { storeScenarios } from './store-scenarios.ts';
import { substituteScenarios } from './substitute-scenarios.ts';

export interface Kit {
  readonly scenarios: (place: Place) => Scenario<unknown>[];
}

export const kits: Readonly<Record<string, Kit>> = {
  store: { scenarios: storeScenarios },
  'build-agent': { scenarios: buildAgentScenarios },
  substitute: { scenarios: substituteScenarios },
};
