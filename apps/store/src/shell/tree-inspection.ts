/** One pass over a finished tree: hash, size, references, and the hash by which a fixed output is known. */
import { createHasher, formatPrefixedHash, type Hash } from '@cooper/hash';
import { type NarSink, NarWriter } from '@cooper/nar';
import { type TreeLocation, walkTree } from '@cooper/nar-files';
import { ReferenceScanner } from '@cooper/references';
import type { FixedContents } from '../core/output-declaration.ts';

export interface Inspection {
  readonly narHash: string;
  readonly narSize: number;
  /** Those of the hash parts looked for that occur. */
  readonly hashParts: readonly string[];
  /** Where one was asked for: of the archive, or of the contents of the file. */
  readonly contentHash: Hash | undefined;
}

/** Inspects the tree at `location`, step by step, looking for `hashParts`. Faults are those of `walkTree`. */
export function* inspecting(
  location: TreeLocation,
  hashParts: Iterable<string>,
  fixed?: FixedContents,
): Generator<void, Inspection, void> {
  const nar = createHasher('sha256');
  const content = fixed === undefined ? undefined : createHasher(fixed.hash.algorithm);
  const scanner = new ReferenceScanner(hashParts);
  let narSize = 0;
  const writer = new NarWriter((piece) => {
    nar.update(piece);
    scanner.push(piece);
    if (fixed?.recursive) content?.update(piece);
    narSize += piece.length;
  });
  const sink = fixed === undefined || fixed.recursive ? writer : tapped(writer, (chunk) => content?.update(chunk));
  yield* walkTree(location, sink);
  writer.flush();
  const narHash = formatPrefixedHash(nar.digest(), 'base16');
  return { narHash, narSize, hashParts: scanner.found(), contentHash: content?.digest() };
}

/** `sink`, with `tap` told of all contents. */
function tapped(sink: NarSink, tap: (chunk: Uint8Array) => void): NarSink {
  return {
    directory: () => sink.directory(),
    entry: (name) => sink.entry(name),
    leave: () => sink.leave(),
    file: (executable, size) => sink.file(executable, size),
    contents: (chunk) => {
      tap(chunk);
      sink.contents(chunk);
    },
    endFile: () => sink.endFile(),
    symlink: (target) => sink.symlink(target),
  };
}
