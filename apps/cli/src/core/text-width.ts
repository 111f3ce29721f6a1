/** How many columns of a terminal a text takes, and texts cut to fit. */

/** East Asian wide and full-width characters, and emoji: two columns. After Unicode's EastAsianWidth, by ranges. */
const wide =
  /[\u{1100}-\u{115f}\u{231a}\u{231b}\u{2e80}-\u{303e}\u{3041}-\u{33ff}\u{3400}-\u{4dbf}\u{4e00}-\u{9fff}\u{a000}-\u{a4cf}\u{a960}-\u{a97f}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** Marks that go on the character before, and characters that are not seen. */
const zero = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** The columns of `text`, which has no control characters. */
export function textWidth(text: string): number {
  if (isAscii(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** `text` if it fits into `columns`, else its beginning and an ellipsis. */
export function fit(text: string, columns: number, ellipsis = '…'): string {
  if (textWidth(text) <= columns) return text;
  const room = columns - textWidth(ellipsis);
  if (room < 0) return '';
  return takeColumns(text, room) + ellipsis;
}

/** `text` without the colours that our own lines have. */
export function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/\x1b\[\d*m/g, '');
}

function takeColumns(text: string, columns: number): string {
  let width = 0;
  let taken = '';
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns) break;
    taken += character;
  }
  return taken;
}

function characterWidth(character: string): number {
  if (character < '\x7f') return 1;
  if (wide.test(character)) return 2;
  return zero.test(character) ? 0 : 1;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
