/** What a download says of itself: lines that Guix's clients read (`@ download-progress …`), or words for people. */

/** How often, in ms, the progress is told. */
const interval = 500;

export class Progress {
  readonly #file: string;
  readonly #url: string;
  readonly #traced: boolean;
  readonly #say: (text: string) => void;
  #size: number | undefined;
  #transferred = 0;
  #told = 0;

  /** `say` takes whole lines, with their ends. `traced`: in lines for programs. */
  constructor(about: { file: string; url: string; traced: boolean }, say: (text: string) => void) {
    this.#file = about.file;
    this.#url = printable(about.url);
    this.#traced = about.traced;
    this.#say = say;
  }

  /** `size` in bytes, where the server says it. `now` in ms, here and below. */
  start(size: number | undefined, now: number): void {
    this.#size = size;
    this.#told = now;
    this.#transferred = 0;
    this.#trace('started', `${size ?? '-'}`);
  }

  /** `bytes` more have come. */
  advance(bytes: number, now: number): void {
    this.#transferred += bytes;
    if (now - this.#told < interval) return;
    this.#told = now;
    this.#trace('progress', `${this.#size ?? '-'} ${this.#transferred}`);
  }

  finish(): void {
    this.#trace('progress', `${this.#size ?? '-'} ${this.#transferred}`);
    this.#trace('succeeded', `${this.#transferred}`);
    if (!this.#traced) this.#say(`${this.#file}: ${this.#transferred} bytes\n`);
  }

  #trace(what: string, rest: string): void {
    if (this.#traced) this.#say(`@ download-${what} ${this.#file} ${this.#url} ${rest}\n`);
  }
}

/** A URL for people and logs: without names and passwords, and without what would end a line or look like another word. */
export function printable(url: string): string {
  return withoutCredentials(url).replace(/[\s\p{Cc}]/gu, (letter) => encodeURIComponent(letter));
}

/** A text without the names and passwords of the URLs in it. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z+]+:\/\/)[^/@\s"]*@/gi, '$1');
}
