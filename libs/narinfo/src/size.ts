/** Sizes in narinfos: decimal numbers of bytes without sign, blanks or leading zeros. */
import { invalid } from './fields.ts';

/** The size that `text` is, of the field `name`. Throws a fault `invalid-narinfo`, also when it is below `least`. */
export function readSize(name: string, text: string, least: number): number {
  const size = /^(?:0|[1-9][0-9]*)$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(size) || size < least) throw invalid(`${name} is no number of bytes`);
  return size;
}
