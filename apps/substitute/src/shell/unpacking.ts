/** Unpacking archives from the compressions that caches use. */
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { giveBack, lentPieces, writeEach } from '@cooper/bulk';
import { isFault } from '@cooper/fault';
import type { Compression } from '../core/nar-choice.ts';
import { ZstdFrames } from '../core/zstd-frames.ts';
import { type Decoders, UnpackError } from './decoders.ts';

const chunkSize = 256 * 1024;

/**
 * What `source` is when it is unpacked: as it is asked for, a piece at a time, each only lent. Throws an `UnpackError` for what is
 * malformed, and what `source` throws.
 */
export function unpack(
  compression: Compression,
  source: AsyncIterable<Uint8Array>,
  decoders: Decoders,
): AsyncIterable<Uint8Array> {
  switch (compression) {
    case 'none':
      return lentPieces(source);
    case 'gzip':
      return through(lentPieces(source), createGunzip({ chunkSize }));
    case 'zstd':
      return through(byFrames(lentPieces(source)), createZstdDecompress({ chunkSize }));
    case 'bzip2':
      return decoders.decode('bzip2', source);
    default:
      return decoders.decode('lzma', source);
  }
}

type Unzip = ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>;

async function* through(source: AsyncIterable<Uint8Array>, unzip: Unzip): AsyncGenerator<Uint8Array> {
  let problem: unknown;
  const feeding = writeEach(unzip, source).then(
    () => unzip.end(),
    (error: unknown) => {
      problem = error;
      unzip.destroy();
    },
  );
  try {
    for await (const piece of unzip as AsyncIterable<Buffer>) {
      yield piece;
      giveBackLast(piece);
    }
    await feeding;
  } catch (error) {
    const reason = problem ?? error;
    throw isOfUnzip(reason) ? new UnpackError((reason as Error).message, { cause: reason }) : reason;
  }
}

/** The decoder makes pieces one behind the other in the same memory, of which `piece` may be the last. */
function giveBackLast({ buffer, byteOffset, length }: Buffer): void {
  if (byteOffset + length === buffer.byteLength) giveBack(new Uint8Array(buffer));
}

/** The decoder goes on with the next frame only when that begins a piece. */
async function* byFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frames = new ZstdFrames();
  for await (const piece of source) yield* frames.split(piece);
}

/** Whether Node says that what it was to unpack is malformed. */
export function isOfUnzip(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return !isFault(error) && typeof code === 'string' && /^(Z_|ZSTD_|ERR_)/.test(code);
}
