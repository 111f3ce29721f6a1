/** `cooper key generate` and `cooper authorize`: pairs of keys, and the access control list, as `guix archive` has them. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Fault, isFault } from '@cooper/fault';
import { BelievedKeys } from '@cooper/key-files';
import {
  authorise,
  makeNixKey,
  makeSecretKey,
  maxExpressionSize,
  parsePublicKey,
  printAdvanced,
} from '@cooper/signature';
import { messages } from '../../core/messages.ts';
import { say } from '../output.ts';
import type { Invocation } from '../setting-options.ts';

/** Makes a pair of keys; with `nix`, one of Nix's kind. Throws the fault `key-exists`. */
export async function generate({ nix }: { readonly nix?: string }, { settings }: Invocation): Promise<number> {
  const directory = settings.directories.configuration;
  const base = `${directory}/${nix === undefined ? '' : 'nix-'}signing-key`;
  const present = [`${base}.sec`, `${base}.pub`].find((file) => existsSync(file));
  if (present !== undefined) throw new Fault('key-exists', messages.keyExists(present), { file: present });
  const { secret, public: half } = nix === undefined ? guixPair() : makeNixKey(nix, randomBytes(32));
  // The secret first: a public half without it is of no use, and in the way of the next try.
  replaceFile(`${base}.sec`, secret, 0o400);
  replaceFile(`${base}.pub`, half, 0o444);
  say(messages.info(messages.keyMade(`${base}.pub`)));
  return 0;
}

/** Adds the public key in `file` to the access control list. */
export async function authorizeKey(file: string | undefined, { settings }: Invocation): Promise<number> {
  const key = parsePublicKey(
    file === undefined ? await buffer(process.stdin) : orFault(file, () => readFileSync(file)),
  );
  const { configuration } = settings.directories;
  const believed = new BelievedKeys(configuration);
  const path = believed.file;
  // A new list has the key of this host in it, which counts without any.
  const before = orFault(path, () => believed.read());
  const after = authorise(before, key.expression);
  if (after === before && existsSync(path)) return 0;
  const text = printAdvanced(after.expression);
  if (text.length > maxExpressionSize) throw new Fault('invalid-access-list', messages.tooManyKeys(path), { path });
  replaceFile(path, text, 0o644);
  return 0;
}

function guixPair(): { readonly secret: string; readonly public: string } {
  const pair = makeSecretKey(randomBytes(32));
  return { secret: printAdvanced(pair.secret), public: printAdvanced(pair.public) };
}

/** Writes a file in one step: nobody sees a part of it. */
function replaceFile(path: string, text: string, mode: number): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  orFault(path, () => {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      writeFileSync(draft, text, { encoding: 'latin1', mode, flag: 'wx' });
      renameSync(draft, path);
    } finally {
      rmSync(draft, { force: true });
    }
  });
}

/** What the system refuses is no bug of ours. */
function orFault<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isFault(error)) throw error;
    throw new Fault('file-system-error', (error as Error).message, { path }, { cause: error });
  }
}
