export { ProcessContext, type RunOptions, type ServeStream } from './context.ts';
export { descriptorOf } from './descriptor.ts';
export { exitCodeOf, exitCodes } from './exit-codes.ts';
export { listenAt, nameToBind } from './listening.ts';
export type { User } from './privileges.ts';
export { run } from './run.ts';
export { inSlices } from './slices.ts';
export { socketStream, standardStream } from './streams.ts';
export { parseWiring, type Wiring } from './wiring.ts';
