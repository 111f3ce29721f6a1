/**
 * The first bytes from another machine. What a login shell prints (a greeting, a complaint of its start-up files) comes
 * before anything of ours, and is told from it by the first byte: that of the length of a frame, which is small.
 */

/** The first byte of the longest frame: 16 MiB. */
const greatestFirst = 0x01;

/** How much of what was printed a message quotes. */
const quoted = 200;

export function isFrameStart(chunk: Uint8Array): boolean {
  return (chunk[0] ?? 0) <= greatestFirst;
}

/** What was printed instead, in one line. */
export function describeNoise(chunk: Uint8Array): string {
  const text = new TextDecoder().decode(chunk.subarray(0, quoted)).trim().replace(/\s+/g, ' ');
  return `it printed \`${text}${chunk.length > quoted ? '…' : ''}' where the greeting of \`cooper remote' should be: let nothing be printed when its shell starts`;
}
