import assert from 'node:assert/strict';
import type { ByteString } from '@cooper/byte-string';
import { isFault } from '@cooper/fault';
import fc from 'fast-check';
import t from 'tap';
import { chunksOf } from '../../../test/support/arbitrary-chunks.ts';
import { arbitraryTree, archiveOf, type Tree, TreeSink } from '../../../test/support/tree.ts';
import { NarReader } from './nar-reader.ts';
import { nullSink } from './sink.ts';
import { encodeWords } from './words.ts';

/** The tree in an archive, or undefined where it is refused. */
function read(chunks: readonly Uint8Array[]): Tree | undefined {
  const sink = new TreeSink();
  const reader = new NarReader(sink);
  try {
    for (const chunk of chunks) reader.write(chunk);
    reader.end();
    return sink.tree;
  } catch (error) {
    if (isFault(error, 'invalid-nar')) return undefined;
    throw error;
  }
}

const emptyFile: Tree = { type: 'regular', executable: false, contents: new Uint8Array() };
const file = (text: string): Tree => ({ type: 'regular', executable: false, contents: Buffer.from(text) });
const fileHead = encodeWords('nix-archive-1', '(', 'type', 'regular', 'contents');

function sizeWord(size: bigint): Buffer {
  const word = Buffer.alloc(8);
  word.writeBigUInt64LE(size);
  return word;
}

t.test('any tree, written and read in any chunks, is the same', async () => {
  const sample = arbitraryTree.chain((tree) => fc.tuple(fc.constant(tree), chunksOf(archiveOf(tree))));
  fc.assert(
    fc.property(sample, ([tree, chunks]) => assert.deepEqual(read(chunks), tree)),
    { numRuns: 500 },
  );
});

t.test('changed archives are refused, or are what the writer makes of the tree that was read', async (t) => {
  let taken = 0;
  const change = fc.record({ at: fc.nat(), byte: fc.nat(255), removed: fc.nat(1), inserted: fc.nat(1) });
  const sample = arbitraryTree.chain((tree) =>
    fc.tuple(fc.constant(archiveOf(tree)), fc.array(change, { maxLength: 3, minLength: 1 })),
  );
  fc.assert(
    fc.property(sample, ([archive, changes]) => {
      let bytes = archive;
      for (const { at, byte, removed, inserted } of changes) {
        const place = at % bytes.length;
        const insertion = inserted ? [byte] : [];
        bytes = Buffer.concat([bytes.subarray(0, place), Uint8Array.from(insertion), bytes.subarray(place + removed)]);
      }
      const tree = read([bytes]);
      if (tree === undefined) return;
      taken++;
      assert.deepEqual(archiveOf(tree), bytes);
    }),
    { numRuns: 3000 },
  );
  t.ok(taken > 0, `${taken} of them were taken: bytes of contents may change`);
});

t.test('every cut end is refused', async (t) => {
  const entries = new Map<ByteString, Tree>([
    ['a' as ByteString, file('x')],
    ['b' as ByteString, emptyFile],
  ]);
  const archive = archiveOf({ type: 'directory', entries });
  for (let length = 0; length < archive.length; length++) {
    const reader = new NarReader(nullSink);
    reader.write(archive.subarray(0, length));
    t.notOk(reader.isWhole);
    t.throws(() => reader.end(), {
      code: 'invalid-nar',
      message: /cut off where .* should come/,
      facts: { offset: length },
    });
  }
});

t.test('says where, what was expected and what was found', async (t) => {
  const message = (bytes: Uint8Array) => {
    try {
      new NarReader(nullSink).write(bytes);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  };
  t.equal(
    message(encodeWords('nix-archive-2')),
    'invalid archive: expected "nix-archive-1", found "nix-archive-2", at byte 0',
  );
  t.equal(
    message(encodeWords('nix-archive-1', '(', 'type', 'fifo')),
    'invalid archive: expected "regular" or "directory" or "symlink", found "fifo", at byte 56',
  );
  t.equal(
    message(Buffer.concat([fileHead, sizeWord(2n ** 63n)])),
    'invalid archive: a file of 9223372036854775808 bytes, at byte 88',
  );
  t.match(message(Buffer.concat([archiveOf(emptyFile), Buffer.of(0)])), /bytes after its end, at byte 112/);
});

t.test('sizes are exact, past 2^53 as bigints', async (t) => {
  for (const size of [0n, 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]) {
    const sizes: (number | bigint)[] = [];
    const reader = new NarReader({ ...nullSink, file: (_, announced) => sizes.push(announced) });
    reader.write(Buffer.concat([fileHead, sizeWord(size)]));
    t.strictSame(sizes, [size < 2n ** 53n ? Number(size) : size]);
  }
});

t.test('contents are passed on as they lie in the chunk, not copied', async (t) => {
  const archive = archiveOf(file('some contents'));
  const chunks: Uint8Array[] = [];
  new NarReader({ ...nullSink, contents: (chunk) => void chunks.push(chunk) }).write(archive);
  t.equal(chunks.length, 1);
  t.equal(chunks[0]?.buffer, archive.buffer);
});

t.test('an announced length is refused before its bytes come', async (t) => {
  const reader = new NarReader(nullSink);
  t.throws(() => reader.write(sizeWord(2n ** 40n)), { message: /a word of 1099511627776 bytes where 32 are the most/ });
});

t.test('the depth is limited', async (t) => {
  const nested = (depth: number): Uint8Array => {
    const open = encodeWords('(', 'type', 'directory', 'entry', '(', 'name', 'a', 'node');
    return Buffer.concat([encodeWords('nix-archive-1'), ...Array.from({ length: depth }, () => open)]);
  };
  new NarReader(nullSink).write(nested(4096));
  t.throws(() => new NarReader(nullSink).write(nested(4097)), { message: /nested deeper than 4096/ });
  new NarReader(nullSink, { depth: 2 }).write(nested(2));
  t.throws(() => new NarReader(nullSink, { depth: 2 }).write(nested(3)), { message: /nested deeper than 2/ });
});

t.test('reads up to the end of an archive within a longer stream', async (t) => {
  const archive = archiveOf(file('x'));
  const reader = new NarReader(nullSink);
  t.equal(reader.read(archive.subarray(0, 50)), 50);
  t.equal(reader.read(Buffer.concat([archive.subarray(50), Buffer.from('more')])), archive.length - 50);
  t.ok(reader.isWhole);
  t.equal(reader.read(Buffer.from('more')), 0);
  reader.end();
});

t.test('is of no use after a failure', async (t) => {
  const reader = new NarReader(nullSink);
  t.throws(() => reader.write(Buffer.alloc(8)), { code: 'invalid-nar' });
  t.throws(() => reader.write(archiveOf(emptyFile)), { message: 'an archive is read on after a failure' });
  const failing = new NarReader({ ...nullSink, endFile: () => raise('disk full') });
  t.throws(() => failing.write(archiveOf(emptyFile)), { message: 'disk full' });
  t.throws(() => failing.write(Buffer.of(1)), { message: 'an archive is read on after a failure' });
});

function raise(message: string): never {
  throw new Error(message);
}
