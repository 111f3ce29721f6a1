/** Files by their hash: the contents of the fixed outputs that are one regular file, for mirrors of sources. */
import { pipeline } from 'node:stream/promises';
import { Fault, isFault } from '@cooper/fault';
import { type Hash, type HashAlgorithm, parseHash } from '@cooper/hash';
import { NarReader, type NarSink } from '@cooper/nar';
import { makeFixedOutputPath } from '@cooper/store-path';
import { type Answer, lifetime } from './answer.ts';
import type { Site } from './site.ts';
import { withArchive } from './store-archives.ts';

export interface FileWish {
  readonly name: string;
  readonly hashAlgorithm: string;
  /** In any of the notations of hashes. */
  readonly hash: string;
}

/** The contents of that file; nothing where it is not in the store. */
export async function fileAnswer({ store, options }: Site, wish: FileWish): Promise<Answer | undefined> {
  const hash = readHash(wish);
  if (hash === undefined) return undefined;
  const { name } = wish;
  const storeDir = options.directories.store;
  const path = makeFixedOutputPath({ storeDir, name, recursive: false, hash, references: [] });
  const { paths } = await store.call('queryValidPaths', { paths: [path] });
  if (paths.length === 0) return undefined;
  return {
    status: 200,
    headers: { 'content-type': 'application/octet-stream', ...lifetime(options.ttl) },
    body: (sink, signal) =>
      withArchive(store, { path, signal }, (bytes) => pipeline(contents(bytes), sink, { signal })),
  };
}

function readHash({ hashAlgorithm, hash }: FileWish): Hash | undefined {
  try {
    return parseHash(hash, hashAlgorithm as HashAlgorithm);
  } catch (error) {
    if (isFault(error, 'invalid-hash')) return undefined;
    throw error;
  }
}

/** What is in the one regular file of an archive. */
async function* contents(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  const refuse = (): never => {
    throw new Fault('not-a-regular-file', 'what has this hash is no regular file');
  };
  const sink: NarSink = {
    directory: refuse,
    entry: refuse,
    leave: refuse,
    symlink: refuse,
    file: () => undefined,
    contents: (chunk) => void pieces.push(Buffer.from(chunk)),
    endFile: () => undefined,
  };
  const reader = new NarReader(sink);
  for await (const chunk of bytes) {
    reader.write(chunk);
    yield* pieces;
    pieces = [];
  }
  reader.end();
}
