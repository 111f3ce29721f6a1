/** Archives, compressed: from a file where one is kept, else as they come from the store, being kept on the way. */
import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PathInfo } from '@cooper/contracts';
import type { CompressionChoice } from '../core/compression.ts';
import { type ByteRange, parseRange } from '../core/range.ts';
import { type Answer, type BodyWriter, type Conditions, lifetime, textAnswer } from './answer.ts';
import type { Draft, FileKey } from './compressed-files.ts';
import { makeCompressor } from './compressor.ts';
import type { Site } from './site.ts';
import { withArchive } from './store-archives.ts';

/** The archive of a valid path, compressed as `choice` says. */
export async function narAnswer(
  site: Site,
  { info, choice }: { readonly info: PathInfo; readonly choice: CompressionChoice },
  conditions: Conditions,
): Promise<Answer> {
  const key: FileKey = { narHash: info.narHash, choice };
  const file = choice.compression === 'none' ? undefined : await site.files?.find(key);
  const etag = `"${info.narHash.slice('sha256:'.length)}-${choice.compression}-${choice.level}"`;
  const headers = { 'content-type': 'application/x-nix-archive', etag, ...lifetime(site.options.ttl) };
  const request = conditions.ifRange === undefined || conditions.ifRange === etag ? conditions.range : undefined;
  if (file !== undefined) {
    await site.files?.touch(file.path);
    const send = ({ start, end }: ByteRange) => fileSender(file.path, start, end);
    return partOf({ size: file.size, headers, request }, send);
  }
  if (choice.compression === 'none') {
    const send = (range: ByteRange) => archiveSender(site, info, range);
    return partOf({ size: info.narSize, headers, request }, send);
  }
  return { status: 200, headers, body: (sink, signal) => compress(site, { info, key, sink, signal }) };
}

interface Whole {
  readonly size: number;
  readonly headers: Answer['headers'];
  /** The range that was asked for. */
  readonly request: string | undefined;
}

function partOf({ size, headers, request }: Whole, send: (range: ByteRange) => BodyWriter): Answer {
  const range = parseRange(request, size);
  if (range === 'unsatisfiable') {
    return textAnswer(416, 'there are no such bytes', { 'content-range': `bytes */${size}` });
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const described = { ...headers, 'accept-ranges': 'bytes', 'content-length': String(end - start + 1) };
  if (range === undefined) return { status: 200, headers: described, body: send({ start, end }) };
  const partial = { ...described, 'content-range': `bytes ${start}-${end}/${size}` };
  return { status: 206, headers: partial, body: send(range) };
}

function fileSender(path: string, start: number, end: number): BodyWriter {
  return async (sink, signal) => {
    await pipeline(createReadStream(path, { start, end }), sink, { signal });
  };
}

function archiveSender({ store }: Site, { path }: PathInfo, range: ByteRange): BodyWriter {
  return (sink, signal) =>
    withArchive(store, { path, signal }, (bytes) => pipeline(slice(bytes, range), sink, { signal }));
}

/** The bytes of the range. The rest is read, too: only the whole can be found to be right. */
async function* slice(bytes: AsyncIterable<Buffer>, { start, end }: ByteRange): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const piece of bytes) {
    const part = piece.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at));
    at += piece.length;
    if (part.length > 0) yield part;
  }
}

interface Compression {
  readonly info: PathInfo;
  readonly key: FileKey;
  readonly sink: Writable;
  readonly signal: AbortSignal;
}

/** Compresses an archive for one client, and keeps what comes out if it comes out whole. */
async function compress({ store, files }: Site, { info: { path }, key, sink, signal }: Compression): Promise<void> {
  const compressor = makeCompressor(key.choice);
  if (compressor === undefined) throw new Error('there is nothing to compress');
  const draft = await files?.begin(key);
  try {
    await withArchive(store, { path, signal }, (bytes) =>
      pipeline(bytes, compressor, (pieces) => copying(pieces, draft), sink, { signal }),
    );
    await draft?.keep();
  } finally {
    await draft?.close();
  }
}

async function* copying(pieces: AsyncIterable<Buffer>, draft: Draft | undefined): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    await draft?.write(piece);
    yield piece;
  }
}
