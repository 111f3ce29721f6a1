/** Text that may hold anything, made safe to show. */

/** Control characters but the tab, and what turns the direction of text or breaks lines in Unicode's own ways. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unsafe = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** `text` with every such character shown by its number, as `\x1b` or `\u202e`: nothing in it moves a cursor. */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => {
    const number = character.charCodeAt(0).toString(16);
    return number.length <= 2 ? `\\x${number.padStart(2, '0')}` : `\\u${number.padStart(4, '0')}`;
  });
}
