/** A file that people change while we run: read again when it is another one, and parsed once for each. */
import { readFileSync, statSync } from 'node:fs';

/** What was made of the file last. */
type Known<T> = { readonly identity: string } & ({ readonly value: T } | { readonly error: unknown });

export class KeptFile<T> {
  readonly #path: string;
  readonly #parse: (contents: Buffer) => T;
  #known: Known<T> | undefined;

  constructor(path: string, parse: (contents: Buffer) => T) {
    this.#path = path;
    this.#parse = parse;
  }

  /** What is in the file now; nothing where there is none. Throws what the parser throws, the same for the same file. */
  read(): T | undefined {
    const facts = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    if (facts === undefined) return undefined;
    const identity = [facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(' ');
    if (this.#known?.identity !== identity) this.#known = { identity, ...this.#take(readFileSync(this.#path)) };
    if ('error' in this.#known) throw this.#known.error;
    return this.#known.value;
  }

  #take(contents: Buffer): { readonly value: T } | { readonly error: unknown } {
    try {
      return { value: this.#parse(contents) };
    } catch (error) {
      return { error };
    }
  }
}
