/** A cache of substitutes in a directory that everybody may read, and the key that signs what is in it. */
import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBytes } from '@cooper/byte-string';
import { hashBytes } from '@cooper/hash';
import { fileArchive } from '@cooper/nar';
import { printGuixNarinfo } from '@cooper/narinfo';
import {
  authorise,
  emptyAccessList,
  makeSecretKey,
  parseSecretKey,
  printAdvanced,
  printCanonical,
  signForGuix,
} from '@cooper/signature';
import { type StorePath, storePathBaseName, storePathHashPart } from '@cooper/store-path';
import type { Test } from 'tap';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const example = new URL('../../../examples/python-agents/', import.meta.url);

export interface Item {
  readonly path: StorePath;
  readonly contents: string;
  readonly references?: readonly StorePath[];
  /** What the cache sends instead of what it has signed. */
  readonly sent?: string;
  readonly isSigned?: boolean;
}

export class Cache {
  readonly directory: string;
  readonly #signer;
  readonly #publicKey;

  constructor(t: Test) {
    this.directory = temporaryDirectory(t);
    chmodSync(this.directory, 0o755);
    mkdirSync(join(this.directory, 'nar'));
    mkdirSync(join(this.directory, 'run'));
    chmodSync(join(this.directory, 'run'), 0o777);
    // The agent may be a user who cannot read where Cooper lies.
    cpSync(example, join(this.directory, 'agent'), { recursive: true });
    const { secret, public: key } = makeSecretKey(randomBytes(32));
    this.#signer = parseSecretKey(toBytes(printCanonical(secret)));
    this.#publicKey = key;
  }

  /** A configuration with which a table believes this cache, and fetches from it by the agent in Python. */
  configure(directory: string): void {
    mkdirSync(directory, { recursive: true });
    writeFileSync(
      join(directory, 'acl'),
      toBytes(printAdvanced(authorise(emptyAccessList, this.#publicKey).expression)),
    );
    // The number of the process is for tests that end it.
    const script = 'echo $$ > "$1/run/pid"; exec python3 "$1/agent/directory_substituter.py" "$1"';
    const command = ['/bin/sh', '-c', script, 'agent', this.directory];
    writeFileSync(
      join(directory, 'cooper.json'),
      JSON.stringify({ processes: { substitute: { command, plain: true } } }),
    );
  }

  put({ path, contents, references = [], sent = contents, isSigned = true }: Item): void {
    const archive = fileArchive(contents);
    const facts = { path, narHash: hashBytes('sha256', archive), narSize: archive.length, references, deriver: null };
    const url = `nar/${storePathBaseName(path)}`;
    writeFileSync(join(this.directory, url), fileArchive(sent));
    const narinfo = printGuixNarinfo({
      ...facts,
      files: [{ url, compression: 'none', fileSize: archive.length }],
      ...(isSigned ? { guixSignature: signForGuix(this.#signer, 'test', facts) } : {}),
      nixSignatures: [],
    });
    writeFileSync(join(this.directory, `${storePathHashPart(path)}.narinfo`), narinfo);
  }
}
