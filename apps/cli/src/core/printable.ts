/**
 * Text from builds, made harmless for terminals. A build may print anything; what reaches a terminal moves no cursor,
 * sets no title, fills no clipboard and hides nothing. The log file keeps the bytes as they came.
 */

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are what is looked for
/** Colours and cursor movements, which mean nothing outside the terminal they were made for. */
const controlSequence = /\x1b\[[0-?]*[ -/]*[@-~]/g;
/** C0 but the tab, DEL, C1, and the marks that change the direction of text, which can make it read as something else. */
const control =
  /[\x00-\x08\x0a-\x1f\x7f-\x9f\u{61c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{2028}\u{2029}]/gu;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: see above

/** `line` without colours and cursor movements; every other control character shown as an escape, such as `\x07`. */
export function printable(line: string): string {
  return line.replace(controlSequence, '').replace(control, escapeCharacter);
}

/**
 * What a terminal would have left of a line in which the carriage returned: its last part that is not empty. Programs
 * that draw a progress bar print one line of hundreds of parts.
 */
export function lastOverprint(line: string): string {
  if (!line.includes('\r')) return line;
  return line.split('\r').findLast((part) => part !== '') ?? '';
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
