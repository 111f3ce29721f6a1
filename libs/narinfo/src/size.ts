/** Sizes in narinfos: decimal numbers of bytes without sign, blanks or leading zeros. */
import { invalid } from './fields.ts';

/** The largest that the protocols of the two daemons can tell. */
const largest = 2n ** 64n - 1n;

/** The size of an archive that `text` is: from 1 on. Throws a fault `invalid-narinfo`. */
export function readNarSize(text: string): bigint {
  const size = isDecimal(text) ? BigInt(text) : 0n;
  if (size < 1n || size > largest) throw invalid('NarSize is no number of bytes');
  return size;
}

/** The size that `text` is, of the field `name`. Throws a fault `invalid-narinfo`. */
export function readSize(name: string, text: string): number {
  const size = isDecimal(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw invalid(`${name} is no number of bytes`);
  return size;
}

function isDecimal(text: string): boolean {
  return text.length <= 20 && /^(?:0|[1-9][0-9]*)$/.test(text);
}
