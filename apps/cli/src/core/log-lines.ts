/** The lines of a log that arrives in chunks, wherever these are cut. */

/** Longer lines are shown in pieces, so that a build that never ends its line takes no memory. */
const longestLine = 16_384;

/** The lines of one log. */
export class LogLines {
  readonly #decoder = new TextDecoder();
  #rest = '';

  /** The lines that `chunk` ends, without their ends; long lines in pieces, as they come. */
  push(chunk: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    const rest = pieces(lines.pop() ?? '');
    this.#rest = rest.pop() ?? '';
    const whole = lines.flatMap((line) => pieces(line.endsWith('\r') ? line.slice(0, -1) : line));
    return [...whole, ...rest];
  }

  /** What has come of a line that is not ended yet: a question, or a progress bar. */
  get unfinished(): string {
    return this.#rest;
  }

  /** The last line, where the log does not end with a line feed. */
  end(): string[] {
    const rest = this.#rest + this.#decoder.decode();
    this.#rest = '';
    return rest === '' ? [] : [rest];
  }
}

function pieces(line: string): string[] {
  if (line.length <= longestLine) return [line];
  const count = Math.ceil(line.length / longestLine);
  return Array.from({ length: count }, (_, index) => line.slice(index * longestLine, (index + 1) * longestLine));
}
