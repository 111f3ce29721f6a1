/** Tries one URL after the other, and each more than once where that may help. */
import { createReadStream, rmSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';
import { isFault } from '@cooper/fault';
import { createHasher, equalHashes, type Hash } from '@cooper/hash';
import { Progress, printable } from '../core/progress.ts';
import { fetchFile } from './http.ts';
import { say } from './speech.ts';

/** Pauses, in ms, before a URL is tried again. */
const pauses = [1000, 3000];

export interface Attempt {
  readonly urls: readonly string[];
  readonly file: string;
  /** How the file is called. */
  readonly name: string;
  readonly traced: boolean;
  /** What the file has to be; absent where that cannot be told before it is unpacked. */
  readonly hash?: Hash;
}

/**
 * Fetches the first of the URLs that gives the right file. True as well when all that came was wrong: the last one is
 * left, and whoever judges the output says what is wrong with it.
 */
export async function fetchFirst(attempt: Attempt): Promise<boolean> {
  let wrong = false;
  for (const url of attempt.urls) {
    if (!(await fetchPatiently(url, attempt))) continue;
    if (attempt.hash === undefined || (await hasHash(attempt.file, attempt.hash))) return true;
    say(`${printable(url)} has other contents than were asked for\n`);
    wrong = true;
  }
  return wrong;
}

async function fetchPatiently(url: string, { file, name, traced }: Attempt): Promise<boolean> {
  if (!traced) say(`\nStarting download of ${file}\nFrom ${printable(url)}...\n`);
  for (const pause of [...pauses, undefined]) {
    try {
      await fetchFile(url, file, new Progress({ file: name, url, traced }, say));
      return true;
    } catch (error) {
      if (!isFault(error, 'download-failed')) throw error;
      say(`${error.message}\n`);
      if (error.facts['again'] !== true || pause === undefined) return false;
      rmSync(file, { force: true });
      await pass(pause);
    }
  }
  return false;
}

async function hasHash(file: string, hash: Hash): Promise<boolean> {
  const hasher = createHasher(hash.algorithm);
  for await (const chunk of createReadStream(file)) hasher.update(chunk as Buffer);
  return equalHashes(hasher.digest(), hash);
}
