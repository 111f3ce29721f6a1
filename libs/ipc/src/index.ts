export { type CallOptions, type Client, connect } from './client.ts';
export { maxFrame } from './frame.ts';
export { maxDepth } from './inspection.ts';
export { memoryPair } from './memory-pair.ts';
export { type Call, type Handlers, type ServeOptions, type ServerChannel, serve } from './server.ts';
