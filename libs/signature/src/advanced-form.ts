/**
 * The advanced form of s-expressions, byte for byte as libgcrypt writes it (`GCRYSEXP_FMT_ADVANCED`), since Guix signs
 * and compares texts: a list begins on a line of its own, indented by its depth, and so does what follows
 * it, be it the end of the list around it.
 */
import { type ByteString, toBytes } from '@cooper/byte-string';
import type { SExpression } from './s-expression.ts';

/** The text, with a line feed at its end. */
export function printAdvanced(expression: SExpression): ByteString {
  return `${print(expression, 0)}${typeof expression === 'string' ? '' : '\n'}` as ByteString;
}

function print(expression: SExpression, depth: number): string {
  if (typeof expression === 'string') return printAtom(expression);
  const line = `\n${' '.repeat(depth + 1)}`;
  const items = expression.map((item, index) => {
    const [before, after] = [expression[index - 1], expression[index + 1]];
    if (typeof item !== 'string') return `${line}${print(item, depth + 1)}`;
    return `${isList(before) ? line : ''}${printAtom(item)}${after === undefined ? '' : ' '}`;
  });
  return `(${items.join('')}${isList(expression.at(-1)) ? line : ''})`;
}

function isList(expression: SExpression | undefined): boolean {
  return typeof expression === 'object';
}

function printAtom(atom: ByteString): string {
  if (atom === '') return '""';
  if (isBinary(atom)) return `#${toBytes(atom).toString('hex').toUpperCase()}#`;
  if (/^[A-Za-z\-./_:*+=][A-Za-z0-9\-./_:*+=]*$/.test(atom)) return atom;
  return `"${atom.replaceAll(/["'\\\b\t\v\n\f\r]/g, (character) => `\\${letters[character] ?? character}`)}"`;
}

/** A first bit that is set makes it a number to libgcrypt, and a zero in front too. */
function isBinary(atom: ByteString): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /^[\x00\x80-\xff]|[\x00-\x07\x0e-\x1f\x7f-\xa0]/.test(atom);
}

const letters: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\t': 't',
  '\v': 'v',
  '\n': 'n',
  '\f': 'f',
  '\r': 'r',
};
