/**
 * Rewrites hash parts in a tree on its way to another sink: in contents, in targets, and in names. As names change,
 * entries may come out of order: a tree on disk does not mind, an archive does.
 */
import { type ByteString, fromBytes, toBytes } from '@cooper/byte-string';
import type { NarSink } from '@cooper/nar';
import { HashRewriter } from '@cooper/references';

export class RewritingSink implements NarSink {
  readonly #sink: NarSink;
  readonly #rewriter: HashRewriter;

  /** Throws the fault `invalid-hash-part` where a key or value of `rewrites` is none. */
  constructor(sink: NarSink, rewrites: ReadonlyMap<string, string>) {
    this.#sink = sink;
    this.#rewriter = new HashRewriter(rewrites);
  }

  directory(): void {
    this.#sink.directory();
  }

  entry(name: ByteString): void {
    this.#sink.entry(this.#rewrite(name));
  }

  leave(): void {
    this.#sink.leave();
  }

  file(executable: boolean, size: number | bigint): void {
    this.#sink.file(executable, size);
  }

  contents(chunk: Uint8Array): void {
    this.#pass(this.#rewriter.push(chunk));
  }

  endFile(): void {
    this.#pass(this.#rewriter.end());
    this.#sink.endFile();
  }

  symlink(target: ByteString): void {
    this.#sink.symlink(this.#rewrite(target));
  }

  #pass(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#sink.contents(bytes);
  }

  #rewrite(text: ByteString): ByteString {
    const start = this.#rewriter.push(toBytes(text));
    return fromBytes(Buffer.concat([start, this.#rewriter.end()]));
  }
}
