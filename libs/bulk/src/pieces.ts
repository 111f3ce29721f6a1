/** Streams of bytes cut into pieces for messages, and compressed for long ways. */
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';

export type Compression = 'none' | 'zstd';

/** `bytes`, compressed, in pieces of at most `size` bytes. */
export async function* inPieces(
  bytes: Readable,
  { compression, size }: { readonly compression: Compression; readonly size: number },
): AsyncGenerator<Buffer> {
  for await (const chunk of compressed(bytes, compression) as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size);
  }
}

function compressed(bytes: Readable, compression: Compression): AsyncIterable<unknown> {
  if (compression === 'none') return bytes;
  // What goes wrong is told to whoever reads from the end of it.
  return pipeline(bytes, createZstdCompress(), new PassThrough(), () => undefined);
}

/** `bytes` out of their compression. What is wrong with them is told to whoever reads. */
export function decompressed(bytes: Readable, compression: Compression): Readable {
  if (compression === 'none') return bytes;
  const decoder = createZstdDecompress();
  // That may be later.
  decoder.on('error', () => undefined);
  bytes.on('error', (error) => decoder.destroy(error));
  bytes.on('close', () => bytes.readableEnded || decoder.destroy());
  return bytes.pipe(decoder);
}

/** Whether `error` says that bytes are no such stream. */
export function isBadCompression(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('ZSTD_');
}
