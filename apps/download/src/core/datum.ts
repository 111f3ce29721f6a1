/**
 * A reader of Scheme data, as Guix writes it into derivations and mirror files: lists, strings, symbols, booleans and
 * numbers. It reads; nothing is ever evaluated, and the syntax that asks a reader to evaluate (`#.`) is refused.
 */
import { Fault } from '@cooper/fault';

export type Datum = string | Atom | readonly Datum[];

/** Anything that is neither string nor list: symbols, numbers, `#t` and `#f`, by how it is written. */
export class Atom {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Deeper nesting and longer texts than anybody writes. */
const maxDepth = 100;
const maxLength = 16 * 1024 * 1024;

/** White space and comments, then one token. No alternative begins like another: it cannot go back. */
const token = /(?:\s|;[^\n]*(?=\n|$))*(?:([([])|([)\]])|(['`])|"((?:[^"\\]|\\[\s\S])*)"|([^\s()[\]"';`]+))/y;

/** The first datum of `text`. Throws the fault `invalid-datum`. */
export function readDatum(text: string): Datum {
  if (text.length > maxLength) throw invalid('it is too long');
  return new Reader(text).read(0);
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(depth: number): Datum {
    const datum = this.#next(depth);
    if (datum === undefined) throw invalid('a parenthesis is closed that was not opened');
    return datum;
  }

  /** Nothing at the end of a list. */
  #next(depth: number): Datum | undefined {
    if (depth > maxDepth) throw invalid('it is too deep');
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    if (match === null) throw invalid(`nothing can be read at character ${this.#at}`);
    this.#at = token.lastIndex;
    const [, open, close, quote, string, atom] = match;
    if (open !== undefined) return this.#list(depth + 1);
    if (close !== undefined) return undefined;
    if (quote !== undefined) return [new Atom('quote'), this.read(depth + 1)];
    if (string !== undefined) return unescaped(string);
    return new Atom(checkAtom(atom ?? ''));
  }

  #list(depth: number): readonly Datum[] {
    const items: Datum[] = [];
    for (let item = this.#next(depth); item !== undefined; item = this.#next(depth)) items.push(item);
    return items;
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', 0: '\0', a: '\x07' };

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{1,6});|([\s\S]))/g, (_, code: string | undefined, letter: string) => {
    if (code !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff));
    return escapes[letter] ?? letter;
  });
}

/** `#t` and `#f` only: other things behind `#` are vectors, characters, or code for the reader. */
function checkAtom(name: string): string {
  if (!name.startsWith('#') || ['#t', '#f', '#true', '#false'].includes(name)) return name;
  throw invalid(`\`${name.slice(0, 20)}' is not data`);
}

function invalid(problem: string): Fault {
  return new Fault('invalid-datum', `this is no datum: ${problem}`);
}

/** Whether `datum` is the symbol `name`. */
export function isSymbol(datum: Datum | undefined, name: string): boolean {
  return datum instanceof Atom && datum.name === name;
}

/** True for lists. */
export function isList(datum: Datum | undefined): datum is readonly Datum[] {
  return Array.isArray(datum);
}

/** What stands behind a quote, however often it is quoted. */
export function unquote(datum: Datum): Datum {
  let inner = datum;
  while (isList(inner) && isSymbol(inner[0], 'quote') && inner[1] !== undefined) inner = inner[1];
  return inner;
}

/** The strings in a list, or the one that `datum` is. Others are left out. */
export function strings(datum: Datum): readonly string[] {
  const plain = unquote(datum);
  if (typeof plain === 'string') return [plain];
  return isList(plain) ? plain.filter((item) => typeof item === 'string') : [];
}
