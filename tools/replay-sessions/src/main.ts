/**
 * `main.ts FOLDER` plays every recorded session below FOLDER (`NAME.client.bin`, with `NAME.daemon.bin` and `NAME.json`
 * beside it) against Cooper: those of one folder in the order in which they took place, in a world of their own with a
 * fresh store. Prints what differs from the recording, and at the end `N passed, M failed`; exits with 1 if any failed.
 */
import { dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { canMakeWorlds, startInPrivateWorld } from '@cooper/replay';
import { lineDifferences } from './line-differences.ts';
import type { Played } from './play.ts';
import { commonFolder, foldersWithRecordings, readRecordings } from './recording.ts';

const [word] = process.argv.slice(2);
if (word === undefined) fail('usage: npm run -s replay-sessions -- FOLDER');
if (!canMakeWorlds()) fail('replay-sessions: needs root, to have a store, accounts and a network of its own');
const folders = foldersWithRecordings(resolve(word));
if (folders.length === 0) fail(`replay-sessions: no recording (a file NAME.client.bin) below ${word}`);
let [passed, failed] = [0, 0];
for (const folder of folders) {
  for (const played of await play(folder)) {
    if (tell(played)) passed++;
    else failed++;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Plays the sessions of one folder, in a world of their own. */
async function play(folder: string): Promise<readonly Played[]> {
  const child = startInPrivateWorld({
    program: new URL('play.ts', import.meta.url).pathname,
    words: [folder],
    directories: [folder, commonFolder(folder) ?? dirname(folder)],
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [errors, seen] = await Promise.all([2, 3].map((fd) => text(child.stdio[fd] as NodeJS.ReadableStream)));
  if (seen !== undefined && seen !== '') return JSON.parse(seen) as readonly Played[];
  const why = `could not be played:\n${errors}`;
  return readRecordings(folder).map(({ name }) => ({ name, recorded: [], seen: [why] }));
}

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
