/** Where the log of a build lies: `drvs/xx/rest.drv`, with a suffix that tells the compression. */
import type { StorePath } from '@cooper/store-path';

export type Compression = 'none' | 'gzip' | 'bzip2' | 'zstd';

const suffixes: Readonly<Record<Compression, string>> = { none: '', gzip: '.gz', bzip2: '.bz2', zstd: '.zst' };

/** The directory and the file of the log of `derivation`, below the log directory. */
export function logPlace(
  logDir: string,
  derivation: StorePath,
  compression: Compression,
): { directory: string; file: string } {
  const base = derivation.slice(derivation.lastIndexOf('/') + 1);
  const directory = `${logDir}/drvs/${base.slice(0, 2)}`;
  return { directory, file: `${directory}/${base.slice(2)}${suffixes[compression]}` };
}
