/** The ballast beside the database: space that is given up on a full disk, so that paths can still be deleted. */
import { existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { isErrno } from './storage-fault.ts';

/** In bytes. */
const size = 8 * 1024 * 1024;

/** Makes it where there is none. A full disk must not keep a store from starting, or nothing could be collected on it. */
export function makeBallast(databaseDir: string): void {
  const file = fileIn(databaseDir);
  if (existsSync(file) && statSync(file).size === size) return;
  try {
    writeFileSync(file, Buffer.alloc(size, 'X'), { mode: 0o600 });
  } catch (error) {
    if (!isErrno(error, 'ENOSPC', 'EDQUOT')) throw error;
    rmSync(file, { force: true });
  }
}

/** Gives it up where less than that is free. When disposed of, it is there again, if there is room. */
export function lendBallast(databaseDir: string): Disposable {
  const { bavail, bsize } = statfsSync(databaseDir);
  if (bavail * bsize < size) rmSync(fileIn(databaseDir), { force: true });
  return { [Symbol.dispose]: () => makeBallast(databaseDir) };
}

function fileIn(databaseDir: string): string {
  return `${databaseDir}/reserved`;
}
