export { fileArchive } from './file-archive.ts';
export { maxDepth, maxFileSize, maxName, maxTarget } from './limits.ts';
export { type NarLimits, NarReader } from './nar-reader.ts';
export { NarWriter } from './nar-writer.ts';
export { type NarSink, nullSink } from './sink.ts';
