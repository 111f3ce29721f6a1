/**
 * Writes an archive (NAR): the same calls that a reader makes become the bytes that it read.
 *
 * Whoever calls keeps the order that a sink promises; contents that are not as long as they were announced are a bug,
 * and thrown as such.
 */
import type { ByteString } from '@cooper/byte-string';
import type { NarSink } from './sink.ts';
import { encodeWords, paddingOf } from './words.ts';

/** What is small is gathered, and goes out in pieces of this size. In bytes. */
const pieceSize = 64 * 1024;

/** Most archives are no longer than this, and so is most of what comes between large files: other pieces come after it. */
const firstSize = 2048;

/** Contents from this size on go out as they come. */
const largeChunk = pieceSize / 4;

const none = Buffer.alloc(0);
const magic = encodeWords('nix-archive-1');
const beginDirectory = encodeWords('(', 'type', 'directory');
const beginEntry = encodeWords('entry', '(', 'name');
const beginNode = encodeWords('node');
const beginFile = encodeWords('(', 'type', 'regular', 'contents');
const beginExecutable = encodeWords('(', 'type', 'regular', 'executable', '', 'contents');
const beginSymlink = encodeWords('(', 'type', 'symlink', 'target');
const endNode = encodeWords(')');
const endNodeAndEntry = encodeWords(')', ')');

/**
 * Gives the bytes of the archive, in order, to `emit`. A piece may be kept, but contents from 16 KiB on are only lent.
 */
export class NarWriter implements NarSink {
  readonly #emit: (piece: Uint8Array) => void;
  #piece = Buffer.allocUnsafeSlow(firstSize);
  #used = 0;
  #nextSize = pieceSize;
  #depth = 0;
  /** Of the contents being written: bytes announced, and bytes that came. */
  #size: number | bigint = 0;
  #written = 0;

  constructor(emit: (piece: Uint8Array) => void) {
    this.#emit = emit;
    this.#put(magic);
  }

  directory(): void {
    this.#put(beginDirectory);
    this.#depth++;
  }

  entry(name: ByteString): void {
    this.#put(beginEntry);
    this.#string(name);
    this.#put(beginNode);
  }

  leave(): void {
    this.#depth--;
    this.#endNode();
  }

  file(executable: boolean, size: number | bigint): void {
    this.#put(executable ? beginExecutable : beginFile);
    this.#length(size);
    this.#size = size;
    this.#written = 0;
  }

  contents(chunk: Uint8Array): void {
    this.#written += chunk.length;
    if (chunk.length < largeChunk) this.#put(chunk);
    else {
      this.flush();
      this.#nextSize = firstSize;
      this.#emit(chunk);
    }
  }

  endFile(): void {
    if (this.#written !== Number(this.#size))
      throw new Error(`a file of ${this.#size} bytes was given ${this.#written} bytes of contents`);
    this.#zeros(paddingOf(this.#size));
    this.#endNode();
  }

  symlink(target: ByteString): void {
    this.#put(beginSymlink);
    this.#string(target);
    this.#endNode();
  }

  /** Gives out what has been gathered: once at the end, and whenever it should be on its way. */
  flush(): void {
    if (this.#used === 0) return;
    this.#emit(this.#piece.subarray(0, this.#used));
    this.#piece = none;
    this.#used = 0;
  }

  #endNode(): void {
    this.#put(this.#depth > 0 ? endNodeAndEntry : endNode);
  }

  #string(text: ByteString): void {
    this.#length(text.length);
    this.#room(text.length);
    this.#used += this.#piece.write(text, this.#used, 'latin1');
    this.#zeros(paddingOf(text.length));
  }

  #length(length: number | bigint): void {
    this.#room(8);
    if (length < 2 ** 32) {
      this.#used = this.#piece.writeUInt32LE(Number(length), this.#used);
      this.#used = this.#piece.writeUInt32LE(0, this.#used);
    } else this.#used = this.#piece.writeBigUInt64LE(BigInt(length), this.#used);
  }

  #zeros(count: number): void {
    this.#room(count);
    for (let index = 0; index < count; index++) this.#piece[this.#used++] = 0;
  }

  #put(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#piece.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #room(size: number): void {
    if (this.#used + size <= this.#piece.length) return;
    this.flush();
    if (size > this.#piece.length) this.#piece = Buffer.allocUnsafeSlow(Math.max(this.#nextSize, size));
    this.#nextSize = pieceSize;
  }
}
