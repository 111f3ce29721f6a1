/** What docs/store-states.md promises, looked at from outside: after a kill, and after the next start. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { formatPrefixedHash } from '@cooper/hash';
import { hashTree } from '@cooper/nar-files';
import Database from 'better-sqlite3';
import type { Test } from 'tap';
import { processesOf, type RunProcess } from '../../support/process-tree.ts';
import type { DoomedCooper } from './doomed-cooper.ts';

/** How long, in ms, processes may take to notice that another has gone. */
const soon = 15_000;

/** No process and no mount is left. */
export async function checkNothingRuns(t: Test, { root }: DoomedCooper): Promise<void> {
  t.same(await leftProcesses(root), [], 'no process is left');
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  t.same(
    mounts.filter((line) => line.includes(root)),
    [],
    'no mount is left',
  );
}

/** Waits until nothing runs, and nothing comes any more: who was killed may just have started others. */
async function leftProcesses(root: string): Promise<readonly RunProcess[]> {
  let left = processesOf(root);
  const deadline = Date.now() + soon;
  for (let looks = 0; looks < 5 && Date.now() < deadline; looks = left.length === 0 ? looks + 1 : 0) {
    await delay(40);
    left = processesOf(root);
  }
  return left;
}

/** While no store runs: whatever the database calls valid is there, and whole; the database itself is sound. */
export function checkWhatIsValid(t: Test, { state }: DoomedCooper): void {
  const file = join(state, 'db/db.sqlite');
  if (!existsSync(file)) return;
  const database = new Database(file);
  try {
    t.equal(database.pragma('integrity_check', { simple: true }), 'ok', 'the database is sound');
    if (database.prepare("select 1 from sqlite_master where name = 'ValidPaths'").get() === undefined) return;
    const valid = database.prepare<[], { path: string; hash: string }>('select path, hash from ValidPaths').all();
    t.same(
      valid.filter(({ path, hash }) => contentsOf(path) !== hash),
      [],
      'what is valid is there as registered',
    );
    const dangling = 'select reference from Refs where reference not in (select id from ValidPaths)';
    t.same(database.prepare(dangling).all(), [], 'with all that it refers to');
  } finally {
    database.close();
  }
}

function contentsOf(path: string): string {
  return existsSync(path) ? formatPrefixedHash(hashTree(path).hash, 'base16') : 'missing';
}

function stagingOf({ store }: DoomedCooper): readonly string[] {
  return readdirSync(join(store, '.cooper')).filter((name) => !['lock', 'journal'].includes(name));
}

/** After a start of the store: what is in its directory is valid, and nothing of what was under way is left. */
export async function checkAfterStart(t: Test, cooper: DoomedCooper): Promise<void> {
  const { status, stderr } = await cooper.start('roots').ended;
  t.equal(status, 0, `the next command works ${stderr}`);
  await checkNothingRuns(t, cooper);
  checkWhatIsValid(t, cooper);
  const database = new Database(join(cooper.state, 'db/db.sqlite'));
  const valid = database.prepare<[], string>('select path from ValidPaths order by path').pluck().all();
  database.close();
  t.same(cooper.items(), valid, 'what is in the store directory is valid');
  // What a thread was removing when that start ended, the next one removes.
  const left = stagingOf(cooper).filter((name) => !name.endsWith('-removed'));
  t.same(left, [], 'nothing is left in staging');
}

/**
 * After a build, a collection takes everything away, since nothing is a root: what dead processes held counts no more. What
 * they left of builds went when a builder began to build again.
 */
export async function checkNothingIsHeld(t: Test, cooper: DoomedCooper): Promise<void> {
  const { status, stderr } = await cooper.start('gc').ended;
  t.equal(status, 0, `a collection works ${stderr}`);
  await checkNothingRuns(t, cooper);
  t.same(cooper.items(), [], 'nothing is kept');
  t.same(readdirSync(cooper.temporary), [], 'no build directory is left');
  t.same(readdirSync(join(cooper.state, 'temproots')), [], 'no lease is left');
}
