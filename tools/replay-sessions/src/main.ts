/**
 * `main.ts FOLDER` plays every recorded session in FOLDER (`NAME.client.bin`, with `NAME.daemon.bin` and `NAME.json` beside
 * it) against Cooper, in the order in which they took place, in a world of its own with a fresh store. Prints what differs
 * from the recording, and at the end `N passed, M failed`; exits with 1 if any failed.
 */
import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { canMakeWorlds, startInPrivateWorld } from '@cooper/replay';
import { lineDifferences } from './line-differences.ts';
import type { Played } from './play.ts';
import { commonFolder, readRecordings } from './recording.ts';

const [word] = process.argv.slice(2);
if (word === undefined) fail('usage: npm run -s replay-sessions -- FOLDER');
if (!canMakeWorlds()) fail('replay-sessions: needs root, to have a store, accounts and a network of its own');
const folder = resolve(word);
if (readRecordings(folder).length === 0) fail(`replay-sessions: no recording (a file NAME.client.bin) in ${folder}`);

const child = startInPrivateWorld({
  program: new URL('play.ts', import.meta.url).pathname,
  words: [folder],
  directories: [folder, commonFolder(folder) ?? dirname(folder)],
  stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
});
const [errors, seen] = await Promise.all([2, 3].map((fd) => text(child.stdio[fd] as NodeJS.ReadableStream)));
if (seen === undefined || seen === '') fail(`replay-sessions: could not be played:\n${errors}`);
const all = JSON.parse(seen) as readonly Played[];
const failed = all.filter((played) => !tell(played));
console.log(`${all.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Prints how a session went. True when it went as recorded. */
function tell({ name, recorded, seen }: Played): boolean {
  const differences = lineDifferences(recorded, seen);
  console.log(`${differences.length === 0 ? 'ok     ' : 'FAILED '} ${name}`);
  for (const line of differences) console.log(`    ${line}`);
  return differences.length === 0;
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
