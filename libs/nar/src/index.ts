export { type NarLimits, NarReader } from './nar-reader.ts';
export { NarWriter } from './nar-writer.ts';
export type { NarSink } from './sink.ts';
