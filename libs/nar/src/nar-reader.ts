/**
 * Reads an archive (NAR) strictly: exactly the grammar, entries in ascending byte order, names and targets that a file
 * system can hold, nothing after the end. What it accepts, NarWriter writes again byte for byte.
 *
 * However the bytes are cut into chunks, the calls of the sink say the same and the faults are the same. Only a string
 * that is cut by the end of a chunk is kept, of at most 4,095 bytes: no length that an archive announces makes it
 * allocate.
 */
import type { ByteString } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import { Countdown } from './countdown.ts';
import { grammar, type State, type Word } from './grammar.ts';
import { maxDepth, maxFileSize, maxName, maxTarget } from './limits.ts';
import type { NarSink } from './sink.ts';
import { paddingOf, sizeAt, startsWith } from './words.ts';

export interface NarLimits {
  /** How many directories may be inside each other; `maxDepth` unless said otherwise. */
  readonly depth?: number;
}

/** No word of the grammar is longer; a longer string in its place is refused by its length. */
const longestWord = 32;

const longestString = 8 + maxTarget + paddingOf(maxTarget);

export class NarReader {
  readonly #sink: NarSink;
  readonly #depthLimit: number;
  #state: State = 'magic';
  /** The last name in each open directory. */
  readonly #lastNames: ByteString[] = [];
  #isExecutable = false;
  /** Of a file's contents: bytes to come, and padding after them. */
  readonly #left = new Countdown();
  #padding = 0;
  /** The start of a string that is cut by the end of a chunk. */
  readonly #held = Buffer.alloc(longestString);
  #heldLength = 0;
  /** Bytes before the current string, or of contents before what comes next. */
  #offset = 0;
  #isBroken = false;

  constructor(sink: NarSink, limits: NarLimits = {}) {
    this.#sink = sink;
    this.#depthLimit = limits.depth ?? maxDepth;
  }

  /** Takes in the next bytes. Throws the fault `invalid-nar`, with the `offset` of what is wrong. */
  write(chunk: Uint8Array): void {
    if (this.read(chunk) < chunk.length) this.#refuse('bytes after its end');
  }

  /**
   * Takes in bytes up to the end of the archive, for streams in which something follows it. Gives the number of bytes
   * taken: less than the length of the chunk once the archive is whole.
   */
  read(chunk: Uint8Array): number {
    this.#checkUsable();
    this.#isBroken = true;
    let at = 0;
    while (at < chunk.length && this.#state !== 'end') at = this.#advance(chunk, at);
    this.#isBroken = false;
    return at;
  }

  /** Says that there are no more bytes. Throws the fault `invalid-nar` when the archive is not whole. */
  end(): void {
    this.#checkUsable();
    if (this.isWhole) return;
    const { isPending } = this.#left;
    const expected = isPending ? 'contents' : this.#padding > 0 ? 'padding' : expectation(this.#state);
    this.#refuse(`cut off where ${expected} should come`, this.#heldLength);
  }

  /** True when the archive is whole; any further byte would be refused. */
  get isWhole(): boolean {
    return this.#state === 'end';
  }

  /** After a failure, its own or the sink's, nobody knows where it is. */
  #checkUsable(): void {
    if (this.#isBroken) throw new Error('an archive is read on after a failure');
  }

  #advance(chunk: Uint8Array, at: number): number {
    if (this.#left.isPending) return this.#passContents(chunk, at);
    if (this.#padding > 0) return this.#skipPadding(chunk, at);
    if (this.#heldLength > 0) return this.#readHeld(chunk, at);
    const length = this.#readString(chunk, at, chunk.length);
    if (length === 0) return this.#hold(chunk, at);
    this.#offset += length;
    return at + length;
  }

  #hold(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + longestString - this.#heldLength);
    this.#held.set(chunk.subarray(at, end), this.#heldLength);
    this.#heldLength += end - at;
    return end;
  }

  #readHeld(chunk: Uint8Array, at: number): number {
    const before = this.#heldLength;
    const end = this.#hold(chunk, at);
    const length = this.#readString(this.#held, 0, this.#heldLength);
    if (length === 0) return end;
    this.#heldLength = 0;
    this.#offset += length;
    return at + length - before;
  }

  /**
   * Reads the string at a place and acts on it. Gives its length, with all that belongs to it, or 0 if there is more to
   * come.
   */
  #readString(bytes: Uint8Array, at: number, end: number): number {
    const words = grammar[this.#state];
    if (words !== undefined) return this.#readWord(words, bytes, at, end);
    if (end - at < 8) return 0;
    if (this.#state === 'size') return this.#readSize(bytes, at);
    const [what, limit] = this.#state === 'name' ? (['name', maxName] as const) : (['target', maxTarget] as const);
    const length = this.#lengthAt(bytes, at, what, limit);
    const size = 8 + length + paddingOf(length);
    if (end - at < size) return 0;
    const text = this.#textAt(bytes, at, length);
    if (this.#state === 'name') this.#takeName(text);
    else this.#takeTarget(text);
    return size;
  }

  #readWord(words: readonly Word[], bytes: Uint8Array, at: number, end: number): number {
    for (const word of words) {
      if (!startsWith(bytes, at, end, word.encoded)) continue;
      this.#act(word);
      return word.encoded.length;
    }
    if (end - at < 8) return 0;
    const length = this.#lengthAt(bytes, at, 'word', longestWord);
    if (end - at < 8 + length + paddingOf(length)) return 0;
    const found = JSON.stringify(this.#textAt(bytes, at, length));
    return this.#refuse(`expected ${expectation(this.#state)}, found ${found}`);
  }

  #act({ action, next }: Word): void {
    this.#state = next;
    if (action === 'mark-executable') this.#isExecutable = true;
    else if (action === 'begin-directory') this.#beginDirectory();
    else if (action === 'end-directory') this.#endDirectory();
    else if (action === 'end-node') this.#endNode();
  }

  #beginDirectory(): void {
    if (this.#lastNames.length >= this.#depthLimit) this.#refuse(`directories nested deeper than ${this.#depthLimit}`);
    this.#lastNames.push('' as ByteString);
    this.#sink.directory();
  }

  #endDirectory(): void {
    this.#lastNames.pop();
    this.#sink.leave();
    this.#endNode();
  }

  #endNode(): void {
    this.#state = this.#lastNames.length > 0 ? 'entry-end' : 'end';
  }

  #takeName(name: ByteString): void {
    const problem = problemOfName(name);
    if (problem !== undefined) this.#refuse(`the name ${JSON.stringify(name)}: ${problem}`);
    const last = this.#lastNames.length - 1;
    if (name <= (this.#lastNames[last] as ByteString))
      this.#refuse(`the name ${JSON.stringify(name)} after ${JSON.stringify(this.#lastNames[last])}`);
    this.#lastNames[last] = name;
    this.#state = 'entry-node';
    this.#sink.entry(name);
  }

  #takeTarget(target: ByteString): void {
    if (target === '' || target.includes('\0')) this.#refuse('a symlink whose target is empty or has a NUL');
    this.#state = 'node-end';
    this.#sink.symlink(target);
  }

  #readSize(bytes: Uint8Array, at: number): number {
    const size = sizeAt(bytes, at);
    if (size > maxFileSize) this.#refuse(`a file of ${size} bytes`);
    this.#left.start(size);
    this.#padding = paddingOf(size);
    this.#state = 'node-end';
    this.#sink.file(this.#isExecutable, size);
    this.#isExecutable = false;
    if (!this.#left.isPending) this.#sink.endFile();
    return 8;
  }

  #passContents(chunk: Uint8Array, at: number): number {
    const count = this.#left.take(chunk.length - at);
    this.#sink.contents(chunk.subarray(at, at + count));
    this.#offset += count;
    if (!this.#left.isPending) this.#sink.endFile();
    return at + count;
  }

  #skipPadding(chunk: Uint8Array, at: number): number {
    if (chunk[at] !== 0) this.#refuse('padding that is not zero');
    this.#padding--;
    this.#offset++;
    return at + 1;
  }

  #lengthAt(bytes: Uint8Array, at: number, what: string, limit: number): number {
    const length = sizeAt(bytes, at);
    if (length > limit) this.#refuse(`a ${what} of ${length} bytes where ${limit} are the most`);
    return Number(length);
  }

  #textAt(bytes: Uint8Array, at: number, length: number): ByteString {
    const start = at + 8;
    const end = start + length;
    for (let place = end; place < end + paddingOf(length); place++)
      if (bytes[place] !== 0) this.#refuse('padding that is not zero', place - at);
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1') as ByteString;
  }

  #refuse(what: string, ahead = 0): never {
    this.#isBroken = true;
    const offset = this.#offset + ahead;
    throw new Fault('invalid-nar', `invalid archive: ${what}, at byte ${offset}`, { offset });
  }
}

/** What may come in a state, for messages. */
function expectation(state: State): string {
  const words = grammar[state];
  if (words === undefined) return `a ${state}`;
  return words.map((word) => JSON.stringify(word.text)).join(' or ');
}

function problemOfName(name: ByteString): string | undefined {
  if (name === '') return 'it is empty';
  if (name === '.' || name === '..') return 'it means a directory itself';
  if (name.includes('/')) return 'it has a slash';
  if (name.includes('\0')) return 'it has a NUL';
  return undefined;
}
