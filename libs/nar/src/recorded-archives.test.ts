/** Archives that Nix made are read as Nix lists them, and written again byte for byte. */
import { createHash } from 'node:crypto';
import { type ByteString, fromText } from '@cooper/byte-string';
import t from 'tap';
import { inChunks } from '../../../test/support/arbitrary-chunks.ts';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import { archiveOf, type Tree, TreeSink } from '../../../test/support/tree.ts';
import { NarReader } from './nar-reader.ts';

/** What `nix nar ls -lR --json` tells of a node. */
interface Listing {
  readonly type: Tree['type'];
  readonly size?: number;
  readonly executable?: boolean;
  readonly narOffset?: number;
  readonly target?: string;
  readonly entries?: Readonly<Record<string, Listing>>;
}

interface RecordedArchive {
  readonly name: string;
  readonly nar: string;
  readonly narSize: number;
  readonly narSha256: string;
  readonly listing?: Listing;
  readonly listingNotUtf8?: string;
}

const bundle = readGoldenBundle('nar/archives.tar.zst');
const recorded = readGoldenJson<readonly RecordedArchive[]>('nar/nars.json');

function fileOf(name: string): Buffer {
  const bytes = bundle.get(name);
  if (bytes === undefined) throw new Error(`${name} is not in the bundle`);
  return bytes;
}

function read(chunks: readonly Uint8Array[]): Tree | undefined {
  const sink = new TreeSink();
  const reader = new NarReader(sink);
  for (const chunk of chunks) reader.write(chunk);
  reader.end();
  return sink.tree;
}

/** The tree that a listing tells, contents taken from where it says they are. `decode` makes bytes of its texts. */
function treeOf(listing: Listing, archive: Uint8Array, decode: (text: string) => ByteString): Tree {
  if (listing.type === 'symlink') return { type: 'symlink', target: decode(listing.target ?? '') };
  if (listing.type === 'regular') {
    const { narOffset = 0, size = 0, executable = false } = listing;
    return { type: 'regular', executable, contents: Buffer.from(archive.subarray(narOffset, narOffset + size)) };
  }
  const entries = Object.entries(listing.entries ?? {});
  return {
    type: 'directory',
    entries: new Map(entries.map(([name, node]) => [decode(name), treeOf(node, archive, decode)])),
  };
}

function listedTree({ listing, listingNotUtf8 }: RecordedArchive, archive: Uint8Array): Tree {
  if (listing !== undefined) return treeOf(listing, archive, fromText);
  const text = fileOf(listingNotUtf8 ?? '').toString('latin1');
  return treeOf(JSON.parse(text) as Listing, archive, (name) => name as ByteString);
}

t.equal(recorded.length, 19, 'the whole recording is here');
for (const record of recorded) {
  t.test(record.name, async (t) => {
    const archive = fileOf(record.nar);
    t.equal(archive.length, record.narSize);
    t.equal(createHash('sha256').update(archive).digest('hex'), record.narSha256);
    const tree = read([archive]);
    if (tree === undefined) throw new Error('no tree was read');
    t.strictSame(tree, listedTree(record, archive), 'as Nix lists it');
    t.ok(archiveOf(tree).equals(archive), 'written again byte for byte');
    for (const size of [1, 7, 8, 9, 100]) t.strictSame(read(inChunks(archive, size)), tree, `in chunks of ${size}`);
  });
}
