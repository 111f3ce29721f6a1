/** Where the log of a build lies: `drvs/xx/rest.drv`, with a suffix that tells the compression, as in the reference. */
import { type StorePath, storePathBaseName } from '@cooper/store-path';

export type LogCompression = 'none' | 'gzip' | 'bzip2' | 'zstd';

export interface LogPlace {
  readonly path: string;
  readonly compression: LogCompression;
}

/** In the order in which logs are looked for. */
const suffixes: Readonly<Record<LogCompression, string>> = { gzip: '.gz', bzip2: '.bz2', zstd: '.zst', none: '' };

/** The file that holds the log of `derivation`, below the directory of all logs. */
export function logPlace(logDirectory: string, derivation: StorePath, compression: LogCompression): LogPlace {
  const name = storePathBaseName(derivation);
  return { path: `${logDirectory}/drvs/${name.slice(0, 2)}/${name.slice(2)}${suffixes[compression]}`, compression };
}

/** The files that may hold it: of a build on this machine, then of one on another. */
export function logPlaces(logDirectory: string, derivation: StorePath): LogPlace[] {
  const compressions = Object.keys(suffixes) as LogCompression[];
  return [logDirectory, elsewhereLogs(logDirectory)].flatMap((directory) =>
    compressions.map((compression) => logPlace(directory, derivation, compression)),
  );
}

/**
 * The logs of builds on other machines, which a process without rights writes: where that may write, the builder, which
 * has rights, must not.
 */
export function elsewhereLogs(logDirectory: string): string {
  return `${logDirectory}/elsewhere`;
}
