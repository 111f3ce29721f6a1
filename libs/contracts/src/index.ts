export * from './build-agent.ts';
export { check } from './check.ts';
export * from './contract.ts';
export * from './launcher.ts';
export * from './scheduler.ts';
export * from './schema.ts';
export * from './store.ts';
export * from './substitute.ts';
export * from './vocabulary.ts';
