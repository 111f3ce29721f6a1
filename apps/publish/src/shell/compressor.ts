/** Compressors: streams that take an archive and give it compressed. */
import type { Transform } from 'node:stream';
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib';
import type { CompressionChoice } from '../core/compression.ts';
import { XzCompressor } from './xz-compressor.ts';

/** A fresh one; none for what is not to be compressed. */
export function makeCompressor({ compression, level }: CompressionChoice): Transform | undefined {
  switch (compression) {
    case 'none':
      return undefined;
    case 'gzip':
      return createGzip({ level });
    case 'zstd':
      return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: level } });
    case 'br':
      return createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: level } });
    case 'xz':
      return new XzCompressor(level);
  }
}
