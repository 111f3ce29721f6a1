/** `cooper build --root`: links to what was built, which keep it from collection for as long as they are there. */
import { lstatSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import type { storeContract } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import type { Client } from '@cooper/ipc';
import { isStorePath, type StorePath } from '@cooper/store-path';
import { messages } from '../core/messages.ts';

type Store = Client<typeof storeContract>;

/** Keeps what `targets` make from collection until the channel of `store` ends: from before it is made until it is a root. */
export async function leaseOutputs(store: Store, storeDir: string, targets: readonly string[]): Promise<void> {
  const paths = targets.map((target) => target.replace(/!.*$/, '')).filter((path) => isStorePath(storeDir, path));
  await store.call('addLeases', { paths, outputs: true });
}

/** Makes the link `file`, or `file-0`, `file-1` … where there are several paths, and roots of them. */
export async function addResultRoots(store: Store, paths: readonly StorePath[], file: string): Promise<void> {
  for (const [index, path] of paths.entries()) {
    const link = resolve(paths.length === 1 ? file : `${file}-${index}`);
    makeLink(path, link);
    await store.call('addIndirectRoot', { file: Buffer.from(link) });
  }
}

/** In one step; a link that is there already is replaced, anything else is not. */
function makeLink(path: StorePath, link: string): void {
  const existing = lstatSync(link, { throwIfNoEntry: false });
  if (existing !== undefined && !existing.isSymbolicLink()) {
    throw new Fault('invalid-root', messages.noLink(link), { file: link });
  }
  const fresh = `${link}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(path, fresh);
  renameSync(fresh, link);
}
