/** A file that people change while we run: read again when it is another one, and parsed once for each. */
import { readFileSync, statSync } from 'node:fs';
import { isErrno } from './storage-fault.ts';

export class KeptFile<T> {
  readonly #path: string;
  readonly #parse: (contents: Buffer) => T;
  #known: { readonly identity: string; readonly value: T } | undefined;

  constructor(path: string, parse: (contents: Buffer) => T) {
    this.#path = path;
    this.#parse = parse;
  }

  /** What is in the file now; nothing where there is none. Throws what the parser throws. */
  read(): T | undefined {
    try {
      const { ino, size, mtimeNs, ctimeNs } = statSync(this.#path, { bigint: true });
      const identity = [ino, size, mtimeNs, ctimeNs].join(' ');
      if (this.#known?.identity !== identity) {
        this.#known = { identity, value: this.#parse(readFileSync(this.#path)) };
      }
      return this.#known.value;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}
