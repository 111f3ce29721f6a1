/**
 * Reads an archive (NAR) strictly: exactly the grammar, entries in ascending byte order, names and targets that a file
 * system can hold, nothing after the end. What it accepts, NarWriter writes again byte for byte.
 */
import type { ByteString } from '@cooper/byte-string';
import { maxName, maxTarget, type NarSink } from './sink.ts';
import { TokenReader } from './token-reader.ts';

export interface NarLimits {
  /** How many directories may be inside each other. */
  readonly depth: number;
}

/** Deeper than any tree that a path can name (4,096 bytes), so no good archive comes near it. */
const defaultLimits: NarLimits = { depth: 2048 };

/** No keyword of the grammar is longer; a longer string in its place is refused by its length. */
const maxKeyword = 32;

export class NarReader {
  readonly #sink: NarSink;
  readonly #limits: NarLimits;
  readonly #tokens = new TokenReader();
  /** The last name seen in each open directory. */
  readonly #directories: ByteString[] = [];
  #ended = false;

  constructor(sink: NarSink, limits: NarLimits = defaultLimits) {
    this.#sink = sink;
    this.#limits = limits;
    this.#keyword({ 'nix-archive-1': () => this.#node() });
  }

  /** Takes in the next bytes. Throws the fault `invalid-nar`, with the offset of what is wrong. */
  write(chunk: Uint8Array): void {
    if (this.read(chunk) < chunk.length) this.#tokens.refuse('bytes after its end');
  }

  /**
   * Takes in bytes up to the end of the archive, for streams in which something follows it. Gives the number of bytes
   * taken: less than the length of the chunk once the archive is whole.
   */
  read(chunk: Uint8Array): number {
    return this.#tokens.read(chunk);
  }

  /** Says that there are no more bytes. Throws the fault `invalid-nar` when the archive is not whole. */
  end(): void {
    if (!this.#ended) this.#tokens.refuse('cut off');
  }

  /** True when the archive is whole; any further byte would be refused. */
  get isWhole(): boolean {
    return this.#ended;
  }

  #keyword(choices: Readonly<Record<string, () => void>>): void {
    this.#string('keyword', maxKeyword, (word) => {
      const choice = Object.hasOwn(choices, word) ? choices[word] : undefined;
      if (choice === undefined)
        this.#tokens.refuse(`expected ${Object.keys(choices).join(' or ')}, found ${JSON.stringify(word)}`);
      else choice();
    });
  }

  #string(what: string, limit: number, take: (text: ByteString) => void): void {
    this.#tokens.expectation = { kind: 'string', what, limit, take };
  }

  #node(): void {
    this.#keyword({ '(': () => this.#keyword({ type: () => this.#type() }) });
  }

  #type(): void {
    this.#keyword({
      regular: () => this.#keyword({ contents: () => this.#contents(false), executable: () => this.#executable() }),
      symlink: () => this.#keyword({ target: () => this.#target() }),
      directory: () => this.#enter(),
    });
  }

  #executable(): void {
    this.#string('executable marker', 0, () => this.#keyword({ contents: () => this.#contents(true) }));
  }

  #contents(executable: boolean): void {
    this.#tokens.expectation = {
      kind: 'contents',
      start: (size) => this.#sink.file(executable, size),
      pass: (chunk) => this.#sink.contents(chunk),
      end: () => {
        this.#sink.endFile();
        this.#close();
      },
    };
  }

  #target(): void {
    this.#string('target', maxTarget, (target) => {
      if (target.length === 0 || target.includes('\0'))
        this.#tokens.refuse('a symlink with an empty target or a NUL in it');
      this.#sink.symlink(target);
      this.#close();
    });
  }

  #enter(): void {
    if (this.#directories.length >= this.#limits.depth)
      this.#tokens.refuse(`directories nested deeper than ${this.#limits.depth}`);
    this.#directories.push('' as ByteString);
    this.#sink.directory();
    this.#entryOrEnd();
  }

  #entryOrEnd(): void {
    this.#keyword({
      entry: () => this.#keyword({ '(': () => this.#keyword({ name: () => this.#name() }) }),
      ')': () => this.#leave(),
    });
  }

  #name(): void {
    this.#string('name', maxName, (name) => {
      if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name))
        this.#tokens.refuse(`the name ${JSON.stringify(name)}`);
      const last = this.#directories.length - 1;
      if (name <= (this.#directories[last] as ByteString))
        this.#tokens.refuse(`the name ${JSON.stringify(name)} out of order`);
      this.#directories[last] = name;
      this.#sink.entry(name);
      this.#keyword({ node: () => this.#node() });
    });
  }

  #leave(): void {
    this.#directories.pop();
    this.#sink.leave();
    this.#afterNode();
  }

  /** The `)` of a file or symlink. */
  #close(): void {
    this.#keyword({ ')': () => this.#afterNode() });
  }

  #afterNode(): void {
    if (this.#directories.length > 0) this.#keyword({ ')': () => this.#entryOrEnd() });
    else {
      this.#ended = true;
      this.#tokens.expectation = { kind: 'end' };
    }
  }
}
