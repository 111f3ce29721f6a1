/** The list of contracts that implementations can be tried against. */
import { buildAgentScenarios } from './build-agent-scenarios.ts';
import { launcherScenarios } from './launcher-scenarios.ts';
import type { Place } from './place.ts';
import type { Scenario } from './scenario.ts';
import { schedulerScenarios } from './scheduler-scenarios.ts';
import { schedulerSubject } from './scheduler-subject.ts';
import { storeScenarios } from './store-scenarios.ts';
import { commandSubject, launcherSubject, type Subject } from './subject.ts';
import { substituteScenarios } from './substitute-scenarios.ts';

export interface Kit {
  readonly scenarios: (place: Place) => readonly Scenario<unknown>[];
  /** Starts a command that serves the contract. */
  readonly start: (command: readonly string[], place: Place) => Subject | Promise<Subject>;
}

export const kits: Readonly<Record<string, Kit>> = {
  store: { scenarios: storeScenarios, start: commandSubject },
  scheduler: { scenarios: schedulerScenarios, start: schedulerSubject },
  'build-agent': { scenarios: buildAgentScenarios, start: commandSubject },
  substitute: { scenarios: substituteScenarios, start: commandSubject },
  launcher: { scenarios: launcherScenarios, start: launcherSubject },
};
