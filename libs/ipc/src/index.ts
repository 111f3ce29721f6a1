export { type CallOptions, type Client, connect } from './client.ts';
export { type Message, toWire } from './envelope.ts';
export { maxFrame } from './frame.ts';
export { maxDepth } from './inspection.ts';
export { memoryPair } from './memory-pair.ts';
export { toFrame } from './message-frame.ts';
export { orAborted } from './or-aborted.ts';
export { type Call, type Handlers, type ServeOptions, type ServerChannel, serve } from './server.ts';
