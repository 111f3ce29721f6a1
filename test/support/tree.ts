/** Trees as values: what an archive holds, as a test compares it; and arbitrary ones. */
import { type ByteString, compareBytes, fromBytes } from '@cooper/byte-string';
import { type NarSink, NarWriter } from '@cooper/nar';
import fc from 'fast-check';

export type Tree =
  | { readonly type: 'directory'; readonly entries: ReadonlyMap<ByteString, Tree> }
  | { readonly type: 'regular'; readonly executable: boolean; readonly contents: Uint8Array }
  | { readonly type: 'symlink'; readonly target: ByteString };

/** Gathers the tree that the calls of a reader tell. */
export class TreeSink implements NarSink {
  tree: Tree | undefined;
  readonly #open: Map<ByteString, Tree>[] = [];
  #name = '' as ByteString;
  #executable = false;
  #chunks: Uint8Array[] = [];

  directory(): void {
    const entries = new Map<ByteString, Tree>();
    this.#add({ type: 'directory', entries });
    this.#open.push(entries);
  }

  entry(name: ByteString): void {
    this.#name = name;
  }

  leave(): void {
    this.#open.pop();
  }

  file(executable: boolean): void {
    this.#executable = executable;
    this.#chunks = [];
  }

  contents(chunk: Uint8Array): void {
    this.#chunks.push(Buffer.from(chunk));
  }

  endFile(): void {
    this.#add({ type: 'regular', executable: this.#executable, contents: Buffer.concat(this.#chunks) });
  }

  symlink(target: ByteString): void {
    this.#add({ type: 'symlink', target });
  }

  #add(node: Tree): void {
    const directory = this.#open.at(-1);
    if (directory === undefined) this.tree = node;
    else directory.set(this.#name, node);
  }
}

/** Tells a sink of a tree, as a reader would. */
export function tell(tree: Tree, sink: NarSink): void {
  if (tree.type === 'symlink') sink.symlink(tree.target);
  else if (tree.type === 'regular') {
    sink.file(tree.executable, tree.contents.length);
    if (tree.contents.length > 0) sink.contents(tree.contents);
    sink.endFile();
  } else tellDirectory(tree.entries, sink);
}

function tellDirectory(entries: ReadonlyMap<ByteString, Tree>, sink: NarSink): void {
  sink.directory();
  for (const [name, node] of [...entries].sort(([a], [b]) => compareBytes(a, b))) {
    sink.entry(name);
    tell(node, sink);
  }
  sink.leave();
}

/** The archive of a tree. */
export function archiveOf(tree: Tree): Buffer {
  const pieces: Uint8Array[] = [];
  const writer = new NarWriter((piece) => pieces.push(Buffer.from(piece)));
  tell(tree, writer);
  writer.flush();
  return Buffer.concat(pieces);
}

const byteString = (limit: number) =>
  fc.uint8Array({ minLength: 1, maxLength: limit }).map((bytes) => fromBytes(bytes.map((byte) => byte || 1)));

const name = fc
  .oneof(
    fc.constantFrom('a', 'b', 'B', 'a.', 'a-', '__proto__', '...').map((text) => text as ByteString),
    byteString(20),
  )
  .map((text) => text.replaceAll('/', '_') as ByteString)
  .filter((text) => text !== '.' && text !== '..');

/** Short ones, and some that are longer than what a writer gathers. */
const contents = fc
  .oneof(
    { weight: 9, arbitrary: fc.uint8Array({ maxLength: 30 }) },
    { weight: 1, arbitrary: fc.constant(new Uint8Array(20_001)) },
  )
  .map((bytes) => Buffer.from(bytes));

/** Trees of a few dozen nodes, with any bytes in names, targets and contents. */
export const arbitraryTree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc
      .tuple(fc.boolean(), contents)
      .map(([executable, bytes]) => ({ type: 'regular', executable, contents: bytes }) as const),
    byteString(40).map((target) => ({ type: 'symlink', target }) as const),
    fc
      .array(fc.tuple(name, tie('tree')), { maxLength: 6 })
      .map((entries) => ({ type: 'directory', entries: new Map(entries) }) as const),
  ),
})).tree;
