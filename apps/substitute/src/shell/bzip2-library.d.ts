/** The parts of unbzip2-stream that decode one block at a time, and for which it has no types. */

declare module 'unbzip2-stream/lib/bit_iterator.js' {
  interface Bits {
    (count: number | null): number;
    readonly bytesRead: number;
  }
  export default function bitIterator(next: () => Uint8Array): Bits;
}

declare module 'unbzip2-stream/lib/bzip2.js' {
  type Bits = ReturnType<typeof import('unbzip2-stream/lib/bit_iterator.js').default>;
  const bzip2: {
    /** Reads the head of a file; the level, 1 to 9. */
    header(bits: Bits): number;
    /** Decodes a block; null at the end of the file, else the check sum so far. */
    decompress(
      bits: Bits,
      take: (byte: number) => void,
      space: Int32Array,
      size: number,
      sum: number | null,
    ): number | null;
  };
  export default bzip2;
}
