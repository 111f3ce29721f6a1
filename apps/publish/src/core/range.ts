/** Ranges of bytes in requests (RFC 9110, 14). One range is served; what asks for several gets everything. */

/** From `start` to `end`, which counts. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The part of `size` bytes that `header` asks for: nothing where that is all of them, `unsatisfiable` where none is there. */
export function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  if (last !== '' && Number(last) < Number(first)) return undefined;
  const end = Math.min(last === '' ? size - 1 : Number(last), size - 1);
  return Number(first) > end ? 'unsatisfiable' : { start: Number(first), end };
}
