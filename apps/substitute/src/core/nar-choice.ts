/** Which of the forms in which a cache has an archive is the quickest to have: on its way, and unpacked. */
import type { NarFile } from '@cooper/narinfo';

export const compressions = ['none', 'gzip', 'zstd', 'lzip', 'xz', 'bzip2'] as const;
export type Compression = (typeof compressions)[number];

/** Bytes of archive a second that come out of each, measured on one machine: what counts is their proportion. */
const unpacking: Readonly<Record<Compression, number>> = {
  none: 2e9,
  zstd: 4e8,
  gzip: 2e8,
  xz: 6e7,
  lzip: 6e7,
  bzip2: 7e6,
};

/** How much of its size an archive keeps, where the cache does not say: roughly. */
const proportion: Readonly<Record<Compression, number>> = {
  none: 1,
  gzip: 0.4,
  zstd: 0.35,
  bzip2: 0.32,
  lzip: 0.25,
  xz: 0.25,
};

export interface NarForm {
  readonly file: NarFile;
  readonly compression: Compression;
}

/**
 * The forms that can be unpacked, the quickest first. `speed`: bytes a second that are to be expected from the cache.
 * Where no compression is named, it is the one that the signer's kind means by that.
 */
export function orderForms(
  files: readonly NarFile[],
  narSize: number,
  speed: number,
  unnamed: Compression,
): readonly NarForm[] {
  const duration = ({ file, compression }: NarForm) => {
    const size = file.fileSize ?? narSize * proportion[compression];
    return Math.max(size / speed, narSize / unpacking[compression]);
  };
  return files
    .flatMap((file) => {
      const compression = file.compression ?? unnamed;
      return isCompression(compression) ? [{ file, compression }] : [];
    })
    .sort((a, b) => duration(a) - duration(b));
}

function isCompression(word: string): word is Compression {
  return (compressions as readonly string[]).includes(word);
}
