export { check } from './check.ts';
export * from './contract.ts';
export * from './schema.ts';
