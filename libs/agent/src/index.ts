/** What makes an agent out of the part that only its author knows. */
export { type BuildAgent, buildAgentHandlers, defineBuildAgent, type Progress } from './build-agent.ts';
export { type Delivered, deliver } from './delivery.ts';
export { defineSubstituter, type Substituter, substituteHandlers, type Wanted } from './substituter.ts';
