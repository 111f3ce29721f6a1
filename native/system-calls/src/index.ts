export type { Name } from './addon.ts';
export * from './attributes.ts';
export * from './constants.ts';
export * from './contents.ts';
export * from './directory.ts';
export * from './entries.ts';
export * from './locks.ts';
export * from './peer.ts';
export * from './status.ts';
