/**
 * How strings of ATerms escape: a backslash before the quote, the backslash, and the letters `n`, `r` and `t` for line
 * feed, carriage return and tab. All other bytes stand for themselves, NUL and those past ASCII too.
 *
 * Both directions go byte by byte with a table, since values can be whole programs or JSON: a tenth of the time that
 * replacing by a regular expression takes.
 */

/** The byte that begins an escape. */
export const backslash = 0x5c;

/** For each byte, the letter that stands for it behind a backslash; 0 where it needs none. */
const letters = new Uint8Array(256);
/** For each letter, the byte that it stands for; 0 where it is no such letter. */
const meanings = new Uint8Array(256);

for (const [byte, letter] of ['""', '\\\\', '\nn', '\rr', '\tt']) {
  letters[code(byte)] = code(letter);
  meanings[code(letter)] = code(byte);
}

/** `text`, one character a byte, with escapes. */
export function escapeString(text: string): string {
  if (!/["\\\n\r\t]/.test(text)) return text;
  const bytes = Buffer.from(text, 'latin1');
  const escaped = Buffer.allocUnsafe(bytes.length * 2);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const letter = letters[byte] ?? 0;
    if (letter !== 0) escaped[length++] = backslash;
    escaped[length++] = letter === 0 ? byte : letter;
  }
  return escaped.toString('latin1', 0, length);
}

/** True when `letter` may follow a backslash. */
export function isEscapeLetter(letter: number): boolean {
  return meanings[letter] !== 0;
}

/** What the escaped `bytes` stand for, one character a byte. Every backslash is followed by an escape letter. */
export function unescapeString(bytes: Uint8Array): string {
  const unescaped = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    unescaped[length++] = byte === backslash ? (meanings[bytes[++at] ?? 0] ?? 0) : byte;
  }
  return unescaped.toString('latin1', 0, length);
}

function code(character = ''): number {
  return character.charCodeAt(0);
}
