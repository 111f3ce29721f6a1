/** The small stores whose collection by guix-daemon was recorded, made again in a store of our own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { openDatabase } from '../src/shell/database.ts';
import type { StorePlace } from './running-store.ts';

export interface RecordedCollection {
  readonly roots: Readonly<Record<string, string>>;
  readonly 'temp-root-of-another-open-connection': string;
  readonly 'runtime-root': { readonly 'process-executable': string; readonly 'in-environment': string };
  readonly 'valid-paths': Readonly<
    Record<
      string,
      { readonly references: readonly string[]; readonly deriver: string | null; readonly narSize: number }
    >
  >;
  readonly 'derivation-outputs': readonly { readonly drv: string; readonly id: string; readonly path: string }[];
  readonly 'find-roots': readonly (readonly [string, string])[];
  readonly live: readonly string[];
  readonly dead: readonly string[];
  readonly 'delete-specific-live': { readonly path: string; readonly result: { readonly error: string } };
  readonly 'delete-dead': { readonly 'paths-sorted': readonly string[]; readonly 'bytes-freed': number };
  readonly 'valid-after': readonly string[];
  readonly 'store-entries-after': readonly string[];
  readonly 'gcroots-after': readonly { readonly name: string }[];
  readonly 'live-after-process-and-connection-ended': readonly string[];
  readonly 'dead-after-process-and-connection-ended': readonly string[];
  readonly 'then-delete-dead-max-freed-1': { readonly 'number-of-paths': number; readonly 'bytes-freed': number };
}

/** What a recording says, with its store directory, and the directories of its roots, in the place of the recorded ones. */
export function parseRecording(recorded: Uint8Array, { storeDir, stateDir, root }: StorePlace): RecordedCollection {
  const text = Buffer.from(recorded)
    .toString()
    .replaceAll('/gnu/store', storeDir)
    .replaceAll('/var/guix', stateDir)
    .replaceAll('/tmp/client', `${root}/client`);
  return JSON.parse(text) as RecordedCollection;
}

/** Makes items and rows, and the roots but for the indirect ones. The items hold next to nothing. */
export function makeRecordedStore(recording: RecordedCollection, { storeDir, stateDir, root }: StorePlace): void {
  for (const directory of [storeDir, `${stateDir}/db`, `${stateDir}/gcroots`, `${root}/client`])
    mkdirSync(directory, { recursive: true });
  mkdirSync(`${stateDir}/profiles/per-user/root`, { recursive: true });
  symlinkSync(`${stateDir}/profiles`, `${stateDir}/gcroots/profiles`);
  makeRows(recording, `${stateDir}/db`);
  const executable = recording['runtime-root']['process-executable'];
  for (const path of Object.keys(recording['valid-paths'])) {
    if (executable.startsWith(`${path}/`)) makeExecutable(executable);
    else writeFileSync(path, 'x');
  }
  const { roots } = recording;
  symlinkSync(roots['direct direct'] ?? '', `${stateDir}/gcroots/direct`);
  symlinkSync(roots['direct dangling'] ?? '', `${stateDir}/gcroots/dangling`);
  symlinkSync(roots['profile prof'] ?? '', `${stateDir}/profiles/per-user/root/prof-1-link`);
  symlinkSync(roots['indirect indirect'] ?? '', `${root}/client/root-indirect`);
}

function makeExecutable(path: string): void {
  mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  copyFileSync('/bin/sleep', path);
  chmodSync(path, 0o555);
}

function makeRows(recording: RecordedCollection, directory: string): void {
  openDatabase(directory).close();
  const database = new Database(`${directory}/db.sqlite`);
  const insert = database.prepare(
    'insert into ValidPaths (path, hash, registrationTime, deriver, narSize) values (?, ?, 1, ?, ?)',
  );
  const refer = database.prepare(
    'insert into Refs select a.id, b.id from ValidPaths a, ValidPaths b where a.path = ? and b.path = ?',
  );
  const output = database.prepare('insert into DerivationOutputs select id, ?, ? from ValidPaths where path = ?');
  const hash = `sha256:${'0'.repeat(64)}`;
  const paths = Object.entries(recording['valid-paths']);
  for (const [path, { deriver, narSize }] of paths) insert.run(path, hash, deriver, narSize);
  for (const [path, { references }] of paths) for (const reference of references) refer.run(path, reference);
  for (const { drv, id, path } of recording['derivation-outputs']) output.run(id, path, drv);
  database.close();
}

/** Starts the program in the store that ran when it was recorded. */
export async function startRecordedProcess(recording: RecordedCollection): Promise<ChildProcess> {
  const { 'process-executable': executable, 'in-environment': item } = recording['runtime-root'];
  const child = spawn(executable, ['3600'], { stdio: 'ignore', env: { SOMETHING: item } });
  await once(child, 'spawn');
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await delay(10)) {
    if ((await readlink(`/proc/${child.pid}/exe`)) === executable) return child;
  }
  throw new Error('it has not become what it should');
}

/** True when a root of this name is there. */
export function hasRoot({ stateDir }: StorePlace, name: string): boolean {
  return existsSync(`${stateDir}/${name}`);
}
