/** The conformance kit: scenarios for each contract, and what tries them on an implementation. */
export { type Kit, kits } from './kits.ts';
export { makePlace, type Place } from './place.ts';
export { type Scenario, tryScenarios, type Verdict } from './scenario.ts';
export { commandSubject, type Start, type Subject, streamSubject } from './subject.ts';
