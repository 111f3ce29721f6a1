export { exitCodes, ProcessContext, run } from './run.ts';
export { inSlices } from './slices.ts';
export { socketStream, standardStream } from './streams.ts';
export { parseWiring, type Wiring } from './wiring.ts';
