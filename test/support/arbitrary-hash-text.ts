/** Texts in which hash parts occur, nearly occur and overlap: for tests of the scanner and the rewriter. */
import fc from 'fast-check';

/** Few letters, so that parts of one hash part occur in another and overlaps are frequent. */
const digit = fc.constantFrom('a', 'a', 'a', 'b', '0', 'z');

/** Some different hash parts. */
export const hashParts = fc.uniqueArray(
  fc.oneof(
    fc.array(digit, { minLength: 32, maxLength: 32 }).map((digits) => digits.join('')),
    fc.tuple(digit, digit).map(([first, second]) => first.repeat(31) + second),
  ),
  { minLength: 0, maxLength: 6 },
);

/** A text made of the hash parts, pieces of them and other bytes. */
export function hashText(parts: readonly string[]): fc.Arbitrary<Buffer> {
  const other = fc.oneof(
    digit,
    fc.uint8Array({ minLength: 0, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  const part = parts.length === 0 ? other : fc.constantFrom(...parts);
  const piece = fc.tuple(part, fc.nat(32), fc.nat(32)).map(([text, start, end]) => text.slice(start, end));
  const pieces = fc.array(fc.oneof(part, piece, other), { maxLength: 12 });
  return pieces.map((texts) => Buffer.from(texts.join(''), 'latin1'));
}
