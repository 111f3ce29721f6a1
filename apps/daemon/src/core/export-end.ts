/**
 * Where an export ends, which nothing says but the export itself: for each path a 1, its archive and what is registered for
 * it, then a 0. The store judges what is in it; here only the end is looked for.
 */
import { Fault } from '@cooper/fault';
import { NarReader, nullSink } from '@cooper/nar';
import { ByteQueue, maxString, Progress, type Reading, readBytes, readInteger } from '@cooper/worker-protocol';

/** More than any item refers to. */
const maxReferences = 100_000;

export class ExportEnd {
  readonly #queue = new ByteQueue();
  #fields: Progress<boolean> = new Progress(readMark());
  #archive: NarReader | undefined;
  #isReached = false;

  get isReached(): boolean {
    return this.#isReached;
  }

  /**
   * Takes in the next bytes. Gives how many of them belong to the export: less than their number once it has ended. Throws
   * the faults `invalid-export`, `invalid-nar` and `malformed-request`.
   */
  read(piece: Buffer): number {
    this.#queue.push(piece);
    while (!this.#isReached && this.#advance());
    return piece.length - (this.#isReached ? this.#queue.length : 0);
  }

  /** True when there is more to do with the bytes that are there. */
  #advance(): boolean {
    if (this.#archive !== undefined) return this.#passArchive(this.#archive);
    if (!this.#fields.advance(this.#queue)) return false;
    if (this.#fields.value) this.#archive = new NarReader(nullSink);
    else this.#isReached = true;
    return true;
  }

  #passArchive(archive: NarReader): boolean {
    const piece = this.#queue.takePiece();
    if (piece === undefined) return false;
    this.#queue.putBack(piece.subarray(archive.read(piece)));
    if (archive.isWhole) {
      this.#archive = undefined;
      this.#fields = new Progress(readTrailer());
    }
    return true;
  }
}

/** Whether another path follows. */
function* readMark(): Reading<boolean> {
  const mark = yield* readInteger();
  if (mark > 1)
    throw new Fault('invalid-export', `invalid export: the number ${mark} where 1 (a path) or 0 (the end) should be`);
  return mark === 1;
}

/** What stands behind an archive: magic number, path, references, deriver, signature; and whether another path follows. */
function* readTrailer(): Reading<boolean> {
  yield* readInteger();
  yield* readBytes(maxString);
  const references = yield* readInteger();
  if (references > maxReferences) throw new Fault('invalid-export', `invalid export: ${references} references`);
  for (let index = 0; index < references; index++) yield* readBytes(maxString);
  yield* readBytes(maxString);
  if ((yield* readInteger()) !== 0) yield* readBytes(maxString);
  return yield* readMark();
}
