/**
 * The live tree on a terminal: drawn again in place, below the lines that stay.
 *
 * It changes nothing about the terminal that would have to be undone: no other screen, no hidden cursor, no raw mode. So
 * there is nothing to restore, however the process ends. A frame goes out in one write, and inside the marks of a
 * synchronized update, which terminals that do not know them ignore.
 */
import type { WriteStream } from 'node:tty';
import type { SchedulerEvent } from '@cooper/contracts';
import type { StorePath } from '@cooper/store-path';
import { BuildView, type Note } from '../core/build-view.ts';
import { messages } from '../core/messages.ts';
import { noteLines } from '../core/plain-lines.ts';
import { textWidth, withoutColours } from '../core/text-width.ts';
import { BuildTree, type Style } from '../core/tree-lines.ts';
import type { Display } from './display.ts';

/** How often, in ms, the tree is drawn: times go on where nothing else does. */
const interval = 100;

/** The most lines that the tree takes, whatever the size of the terminal. */
const maxHeight = 40;

const control = {
  up: (rows: number) => (rows > 0 ? `\x1b[${rows}A\r` : '\r'),
  clearLine: '\x1b[K',
  clearBelow: '\x1b[J',
};
const synchronized = { begin: '\x1b[?2026h', end: '\x1b[?2026l' };

export class TreeDisplay implements Display {
  readonly #terminal: WriteStream;
  readonly #verbose: boolean;
  readonly #style: Style;
  readonly #view = new BuildView();
  readonly #tree = new BuildTree(this.#view);
  readonly #start = Date.now();
  readonly #timer: NodeJS.Timeout;
  /** The widths of the lines of the last frame. */
  #drawn: readonly number[] = [];
  /** Lines that are to stay, and have not been written yet. */
  #staying: string[] = [];

  constructor(terminal: WriteStream, { verbose }: { readonly verbose: boolean }) {
    this.#terminal = terminal;
    this.#verbose = verbose;
    this.#style = { colour: terminal.hasColors(), unicode: isUnicode(process.env) };
    this.#timer = setInterval(() => this.#draw(), interval);
  }

  show(event: SchedulerEvent): void {
    for (const note of this.#view.apply(event)) if (this.#stays(note)) this.#staying.push(...noteLines(note));
  }

  setInputs(path: StorePath, inputs: readonly StorePath[]): void {
    this.#tree.setInputs(path, inputs);
  }

  say(line: string): void {
    this.#staying.push(messages.info(line));
    this.#draw();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#draw();
  }

  /** What the tree does not show, or not for long. */
  #stays(note: Note): boolean {
    if (note.note === 'failed' || note.note === 'message') return true;
    return this.#verbose && note.note === 'log';
  }

  #draw(): void {
    const { columns, rows } = this.#terminal;
    // The last column stays free: a terminal that wraps there would count another row.
    const size = { width: Math.max(20, columns - 1), height: Math.min(maxHeight, Math.max(2, rows - 2)) };
    const frame = this.#tree.lines({ ...this.#style, ...size, now: Date.now(), start: this.#start });
    if (frame.length === 0 && this.#staying.length === 0) return;
    const lines = [...this.#staying, ...frame].map((line) => `${line}${control.clearLine}\n`);
    const above = control.up(this.#rowsOf(columns));
    this.#terminal.write(`${synchronized.begin}${above}${lines.join('')}${control.clearBelow}${synchronized.end}`);
    this.#staying = [];
    this.#drawn = frame.map((line) => textWidth(withoutColours(line)));
  }

  /** The rows that the last frame takes now: more than lines where the terminal has become narrower. */
  #rowsOf(columns: number): number {
    return this.#drawn.reduce((rows, width) => rows + Math.max(1, Math.ceil(width / columns)), 0);
  }
}

/** Whether the locale says that text is UTF-8. */
function isUnicode(environment: NodeJS.ProcessEnv): boolean {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  return /utf-?8/i.test(locale);
}
