/**
 * S-expressions of Rivest's kind, which libgcrypt has keys and signatures in: lists of byte strings and lists. They are
 * read in both forms, the canonical one (`3:abc`) and the advanced one (tokens, "strings", #hexadecimal#, |base64|), and
 * written in either. Display hints (`[…]`) are refused: nobody uses them.
 *
 * What is read is bounded: 256 KiB, 32 levels. (A key or signature has some 2 KiB and 4 levels.)
 */
import { type ByteString, fromBytes } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';

/** A byte string, or a list of expressions. */
export type SExpression = ByteString | readonly SExpression[];

/** The most bytes of a text that is read; an access control list of hundreds of keys has no more. */
export const maxExpressionSize = 256 * 1024;

const maxDepth = 32;
const blank = /[ \t\r\n\v\f]+/y;
const token = /[A-Za-z\-./_:*+=][A-Za-z0-9\-./_:*+=]*/y;
const verbatim = /(0|[1-9][0-9]{0,7}):/y;
const hexadecimal = /#([0-9A-Fa-f \t\r\n\v\f]*)#/y;
const base64 = /\|([A-Za-z0-9+/= \t\r\n\v\f]*)\|/y;
const quoted = /"((?:[^"\\]|\\[\s\S])*)"/y;

/** The one expression that `bytes` are, in either form. Throws a fault `invalid-s-expression`. */
export function parseSExpression(bytes: Uint8Array): SExpression {
  if (bytes.length > maxExpressionSize) throw invalid(`it has more than ${maxExpressionSize} bytes`);
  return new Reader(fromBytes(bytes)).read();
}

/** The canonical form: one text for each expression, so equal texts mean equal expressions. */
export function printCanonical(expression: SExpression): ByteString {
  if (typeof expression !== 'string') return `(${expression.map(printCanonical).join('')})` as ByteString;
  return `${expression.length}:${expression}` as ByteString;
}

/** Reads from the beginning of the text to its end, without recursion. */
class Reader {
  readonly #text: string;
  #next = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): SExpression {
    const open: SExpression[][] = [[]];
    do {
      this.#match(blank);
      if (this.#skip('(')) this.#open(open);
      else if (open.length > 1 && this.#skip(')')) open.at(-2)?.push(open.pop() ?? []);
      else open.at(-1)?.push(this.#atom());
    } while (open.length > 1);
    this.#match(blank);
    if (this.#next < this.#text.length) throw invalid(`there is something behind its end, at byte ${this.#next}`);
    return open[0]?.[0] ?? [];
  }

  #open(open: SExpression[][]): void {
    open.push([]);
    if (open.length > maxDepth) throw invalid(`it has more than ${maxDepth} levels`);
  }

  #atom(): ByteString {
    const length = this.#match(verbatim);
    if (length !== undefined) return this.#take(Number(length));
    const word = this.#match(token) ?? this.#hexadecimal() ?? this.#base64() ?? this.#quoted();
    if (word === undefined) throw invalid(`there is no expression at byte ${this.#next}`);
    return word as ByteString;
  }

  #take(length: number): ByteString {
    const taken = this.#text.slice(this.#next, this.#next + length);
    if (taken.length < length) throw invalid('it ends within a string');
    this.#next += length;
    return taken as ByteString;
  }

  #hexadecimal(): string | undefined {
    const digits = this.#match(hexadecimal)?.replaceAll(/\s/g, '');
    if (digits === undefined) return undefined;
    if (digits.length % 2 !== 0) throw invalid(`an odd number of hexadecimal digits ends at byte ${this.#next}`);
    return fromBytes(Buffer.from(digits, 'hex'));
  }

  #base64(): string | undefined {
    const text = this.#match(base64)?.replaceAll(/\s/g, '');
    if (text === undefined) return undefined;
    const bytes = Buffer.from(text, 'base64');
    if (bytes.toString('base64') !== text) throw invalid(`malformed base64 ends at byte ${this.#next}`);
    return fromBytes(bytes);
  }

  #quoted(): string | undefined {
    const text = this.#match(quoted);
    return text?.replaceAll(/\\(x[0-9A-Fa-f]{2}|[0-7]{3}|\r\n|\n\r|[\s\S])/g, (_, code: string) => characterOf(code));
  }

  #skip(character: string): boolean {
    const found = this.#text[this.#next] === character;
    if (found) this.#next++;
    return found;
  }

  /** Goes on behind `shape`, if it is next; what its group matched, or all of it where it has none. */
  #match(shape: RegExp): string | undefined {
    shape.lastIndex = this.#next;
    const match = shape.exec(this.#text);
    if (match === null) return undefined;
    this.#next += match[0].length;
    return match[1] ?? match[0];
  }
}

const escapes: Readonly<Record<string, string>> = { b: '\b', t: '\t', v: '\v', n: '\n', f: '\f', r: '\r' };

function characterOf(code: string): string {
  if (/^[\r\n]/.test(code)) return '';
  if (/^["'\\]$/.test(code)) return code;
  const number = code.length === 3 ? Number.parseInt(code.replace('x', ''), code[0] === 'x' ? 16 : 8) : undefined;
  const character = number === undefined ? escapes[code] : String.fromCharCode(number);
  if (character === undefined || (number ?? 0) > 255) throw invalid('a string has an escape that is not known');
  return character;
}

function invalid(reason: string): Fault {
  return new Fault('invalid-s-expression', `invalid s-expression: ${reason}`, { reason });
}
