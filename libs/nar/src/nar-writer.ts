/** Writes an archive (NAR): the same calls that a reader makes become the bytes that it read. */
import type { ByteString } from '@cooper/byte-string';
import type { NarSink } from './sink.ts';

/** Keywords are short; what is gathered of them goes out in pieces of this size. */
const pieceSize = 64 * 1024;

/** Gives the bytes of the archive, in order, to `emit`. A piece belongs to the receiver; contents are only lent. */
export class NarWriter implements NarSink {
  readonly #emit: (piece: Uint8Array) => void;
  #piece = Buffer.allocUnsafe(pieceSize);
  #used = 0;
  #depth = 0;
  #padding = 0;

  constructor(emit: (piece: Uint8Array) => void) {
    this.#emit = emit;
    this.#words('nix-archive-1');
  }

  directory(): void {
    this.#words('(', 'type', 'directory');
    this.#depth++;
  }

  entry(name: ByteString): void {
    this.#words('entry', '(', 'name', name, 'node');
  }

  leave(): void {
    this.#depth--;
    this.#words(')');
    this.#endNode();
  }

  file(executable: boolean, size: number | bigint): void {
    this.#words('(', 'type', 'regular');
    if (executable) this.#words('executable', '');
    this.#words('contents');
    this.#length(BigInt(size));
    this.#padding = Number((8n - (BigInt(size) & 7n)) & 7n);
  }

  contents(chunk: Uint8Array): void {
    if (chunk.length <= pieceSize / 4) this.#put(chunk);
    else {
      this.flush();
      this.#emit(chunk);
    }
  }

  endFile(): void {
    this.#zeros(this.#padding);
    this.#words(')');
    this.#endNode();
  }

  symlink(target: ByteString): void {
    this.#words('(', 'type', 'symlink', 'target', target, ')');
    this.#endNode();
  }

  /** Gives out what has been gathered: once at the end, and whenever it should be on its way. */
  flush(): void {
    if (this.#used === 0) return;
    this.#emit(this.#piece.subarray(0, this.#used));
    this.#piece = Buffer.allocUnsafe(pieceSize);
    this.#used = 0;
  }

  #endNode(): void {
    if (this.#depth > 0) this.#words(')');
  }

  #words(...words: readonly string[]): void {
    for (const word of words) {
      this.#length(BigInt(word.length));
      this.#room(word.length);
      this.#piece.write(word, this.#used, 'latin1');
      this.#used += word.length;
      this.#zeros((8 - (word.length & 7)) & 7);
    }
  }

  #length(length: bigint): void {
    this.#room(8);
    this.#piece.writeBigUInt64LE(length, this.#used);
    this.#used += 8;
  }

  #zeros(count: number): void {
    this.#room(count);
    this.#piece.fill(0, this.#used, this.#used + count);
    this.#used += count;
  }

  #put(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#piece.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #room(size: number): void {
    if (this.#used + size > pieceSize) this.flush();
  }
}
