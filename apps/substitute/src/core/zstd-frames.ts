/**
 * Where the frames of a zstd file end (RFC 8878, 3.1): several, one behind the other, are one file, but Node's decoder
 * leaves alone what follows the end of a frame in the same piece.
 */

const magic = 0xfd2fb528;
/** Of frames that hold no contents: the last four bits may be anything. */
const skippableMagic = 0x184d2a50;

/** Bytes of the field for the size of the contents, by the first two bits of the descriptor. */
const contentSizes = [0, 2, 4, 8] as const;
const dictionarySizes = [0, 1, 2, 4] as const;

const checksumSize = 4;
const blockHeaderSize = 3;

/** What comes next: a field of so many bytes that has to be read, or bytes to be passed over. */
type Part = 'magic' | 'skippable-size' | 'descriptor' | 'block-header' | 'rest';

const sizes: Readonly<Record<Exclude<Part, 'rest'>, number>> = {
  magic: 4,
  'skippable-size': 4,
  descriptor: 1,
  'block-header': blockHeaderSize,
};

export class ZstdFrames {
  #part: Part = 'magic';
  #field = 0;
  #read = 0;
  #toPass = 0;
  #hasChecksum = false;
  /** What comes when enough has been passed over. */
  #next: Part | 'end' = 'end';

  /** `piece` in parts, none of which goes on behind the end of a frame. What is no zstd is given as it is. */
  *split(piece: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let at = 0; at < piece.length; ) {
      const taken = this.#part === 'rest' ? this.#pass(piece.length - at) : this.#take(piece[at] as number);
      at += taken;
      if (this.#part === 'rest' && this.#toPass === 0 && this.#arrive()) {
        yield piece.subarray(from, at);
        from = at;
      }
    }
    if (from < piece.length) yield piece.subarray(from);
  }

  #pass(available: number): number {
    const count = Math.min(this.#toPass, available);
    this.#toPass -= count;
    return count;
  }

  /** The next byte of a field, of which the first counts least. */
  #take(byte: number): number {
    this.#field += byte * 256 ** this.#read++;
    if (this.#part !== 'rest' && this.#read === sizes[this.#part]) this.#finish(this.#part, this.#field);
    return 1;
  }

  #finish(part: Exclude<Part, 'rest'>, field: number): void {
    switch (part) {
      case 'magic':
        if (field === magic) this.#expect('descriptor');
        else if (Math.floor(field / 16) === skippableMagic / 16) this.#expect('skippable-size');
        else this.#passOver(Number.POSITIVE_INFINITY, 'end');
        break;
      case 'skippable-size':
        this.#passOver(field, 'end');
        break;
      case 'descriptor':
        this.#passOver(this.#headerRest(field), 'block-header');
        break;
      case 'block-header':
        this.#passBlock(field);
    }
  }

  #headerRest(descriptor: number): number {
    const isSingle = (descriptor & 0x20) !== 0;
    this.#hasChecksum = (descriptor & 0x04) !== 0;
    const size = contentSizes[(descriptor >> 6) as 0 | 1 | 2 | 3];
    const dictionary = dictionarySizes[(descriptor & 3) as 0 | 1 | 2 | 3];
    return (isSingle ? Math.max(size, 1) : 1 + size) + dictionary;
  }

  /** A block of one byte that is repeated says how often, and has that byte. */
  #passBlock(header: number): void {
    const isLast = (header & 1) === 1;
    const isRepeated = ((header >> 1) & 3) === 1;
    const size = isRepeated ? 1 : header >> 3;
    const end = isLast && this.#hasChecksum ? checksumSize : 0;
    this.#passOver(size + end, isLast ? 'end' : 'block-header');
  }

  #expect(part: Part): void {
    this.#part = part;
    this.#field = 0;
    this.#read = 0;
  }

  #passOver(count: number, next: Part | 'end'): void {
    this.#expect('rest');
    this.#toPass = count;
    this.#next = next;
  }

  /** All has been passed over. True at the end of a frame. */
  #arrive(): boolean {
    const isEnd = this.#next === 'end';
    this.#expect(this.#next === 'end' ? 'magic' : this.#next);
    return isEnd;
  }
}
