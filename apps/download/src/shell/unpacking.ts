/** Unpacks an archive (NAR). The build can harm nobody but itself, so plain calls do; names come checked from the reader. */
import { closeSync, createReadStream, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { type ByteString, toBytes } from '@cooper/byte-string';
import { NarReader, type NarSink } from '@cooper/nar';

/** Makes the tree that the archive in `file` describes at `target`. Throws the fault `invalid-nar`. */
export async function unpackFile(file: string, target: string): Promise<void> {
  const reader = new NarReader(new TreeWriter(Buffer.from(target)));
  for await (const chunk of createReadStream(file)) reader.write(chunk as Buffer);
  reader.end();
}

class TreeWriter implements NarSink {
  /** The path of the next node, below those of the directories that are open. */
  readonly #path: Buffer[];
  #fd = -1;

  constructor(target: Buffer) {
    this.#path = [target];
  }

  directory(): void {
    mkdirSync(this.#here());
  }

  entry(name: ByteString): void {
    this.#path.push(toBytes(name));
  }

  leave(): void {
    this.#path.pop();
  }

  file(executable: boolean): void {
    this.#fd = openSync(this.#here(), 'wx', executable ? 0o755 : 0o644);
  }

  contents(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) at += writeSync(this.#fd, chunk, at);
  }

  endFile(): void {
    closeSync(this.#fd);
    this.#path.pop();
  }

  symlink(target: ByteString): void {
    symlinkSync(toBytes(target), this.#here());
    this.#path.pop();
  }

  #here(): Buffer {
    return Buffer.concat(this.#path.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from('/'), part])));
  }
}
