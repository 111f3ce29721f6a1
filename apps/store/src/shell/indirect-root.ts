/** Indirect roots: links `STATE/gcroots/auto/HASH` to links that people keep where they like. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { encodeBase32 } from '@cooper/base32';
import { type ByteString, toBytes, toText } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import { hashBytes } from '@cooper/hash';
import type { StorePath } from '@cooper/store-path';
import { AT_FDCWD, readlinkat, renameat, symlinkat, unlinkat } from '@cooper/system-calls';
import { itemOf } from './root-links.ts';
import { isErrno } from './storage-fault.ts';

/**
 * Makes what the link `file` points to, now and later, a root; gives what that is now. The name of our own link is the
 * base-32 SHA-1 of `file`, as in the reference. Throws the fault `invalid-root`.
 */
export function addIndirectRoot(storeDir: string, stateDir: string, file: ByteString): StorePath | undefined {
  const problem = problemOf(storeDir, file);
  if (problem !== undefined) {
    throw new Fault('invalid-root', `\`${toText(file)}' cannot be a root: ${problem}`, { file: toText(file) });
  }
  const directory = `${stateDir}/gcroots/auto`;
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const name = encodeBase32(hashBytes('sha1', toBytes(file)).digest);
  const fresh = `${directory}/.${name}-${randomBytes(4).toString('hex')}`;
  symlinkat(file, AT_FDCWD, fresh);
  try {
    renameat({ directory: AT_FDCWD, name: fresh }, { directory: AT_FDCWD, name: `${directory}/${name}` });
  } catch (error) {
    unlinkat(AT_FDCWD, fresh);
    throw error;
  }
  return currentItem(storeDir, file);
}

function problemOf(storeDir: string, file: ByteString): string | undefined {
  if (!file.startsWith('/')) return 'it is not an absolute path';
  if (file.includes('\0')) return 'it contains a NUL';
  if (file.split('/').some((part) => part === '..' || part === '.')) return "it contains `.' or `..'";
  return file.startsWith(`${storeDir}/`) ? 'it is in the store' : undefined;
}

function currentItem(storeDir: string, file: ByteString): StorePath | undefined {
  try {
    return itemOf(storeDir, readlinkat(AT_FDCWD, file));
  } catch (error) {
    // It may be made later; what it points to is not ours to judge.
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EINVAL', 'EACCES')) return undefined;
    throw error;
  }
}
