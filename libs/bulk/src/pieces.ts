/** Streams of bytes cut into pieces for messages, and compressed for long ways. */
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';

export type Compression = 'none' | 'zstd';

/** `bytes`, compressed, in pieces of `size` bytes, of which the last may be smaller: what is counted in pieces has few. */
export async function* inPieces(
  bytes: Readable,
  { compression, size }: { readonly compression: Compression; readonly size: number },
): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let gathered = 0;
  for await (const chunk of compressed(bytes, compression) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    gathered += chunk.length;
    if (gathered < size) continue;
    const whole = Buffer.concat(chunks);
    for (; gathered >= size; gathered -= size)
      yield whole.subarray(whole.length - gathered, whole.length - gathered + size);
    chunks = [whole.subarray(whole.length - gathered)];
  }
  if (gathered > 0) yield Buffer.concat(chunks);
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

/** Whether `error` says that bytes are no such stream, or only the beginning of one. */
export function isBadCompression(error: unknown): boolean {
  const code = String((error as { code?: unknown }).code);
  return code.startsWith('ZSTD_') || code === 'Z_BUF_ERROR';
}
