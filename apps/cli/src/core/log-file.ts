/** Where the log of a derivation lies: as the reference lays them out, in any of its compressions. */
import { type StorePath, storePathBaseName } from '@cooper/store-path';

export type LogCompression = 'none' | 'gzip' | 'bzip2' | 'zstd';

export interface LogFile {
  readonly path: string;
  readonly compression: LogCompression;
}

const suffixes: readonly (readonly [string, LogCompression])[] = [
  ['.gz', 'gzip'],
  ['.bz2', 'bzip2'],
  ['.zst', 'zstd'],
  ['', 'none'],
];

/** The files that may hold the log of `derivation`, below the directory of all logs. */
export function logFiles(logDirectory: string, derivation: StorePath): LogFile[] {
  const name = storePathBaseName(derivation);
  const path = `${logDirectory}/drvs/${name.slice(0, 2)}/${name.slice(2)}`;
  return suffixes.map(([suffix, compression]) => ({ path: path + suffix, compression }));
}
