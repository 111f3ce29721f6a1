/** What an archive says, call by call: the language between readers, writers and trees on disk. */
import type { ByteString } from '@cooper/byte-string';

/**
 * Takes in the nodes of a tree, in the order of the archive. A directory is `directory`, then for each entry `entry`
 * and its node, then `leave`. A file is `file`, then its contents in pieces of any size, then `endFile`.
 */
export interface NarSink {
  directory(): void;
  /** The next entry of the innermost open directory. Names come in ascending byte order. */
  entry(name: ByteString): void;
  leave(): void;
  /** `size` is in bytes; a bigint when it is past 2^53. */
  file(executable: boolean, size: number | bigint): void;
  /** The chunk is only lent: it may be overwritten when the call has returned. */
  contents(chunk: Uint8Array): void;
  endFile(): void;
  symlink(target: ByteString): void;
}

/** Passes over what is in an archive: for whoever wants only its end, or only to know whether it is one. */
export const nullSink: NarSink = {
  directory: () => undefined,
  entry: () => undefined,
  leave: () => undefined,
  file: () => undefined,
  contents: () => undefined,
  endFile: () => undefined,
  symlink: () => undefined,
};
