/**
 * Mirrors that find files by their hash. In Guix's file they are procedures. None is run: procedures of the one form that
 * Guix has used since there are such mirrors, which puts a URL together from pieces, are read as that list of pieces; and
 * anything else is passed over.
 */
import { encodeBase32 } from '@cooper/base32';
import type { Hash } from '@cooper/hash';
import { Atom, type Datum, isList, isSymbol } from './datum.ts';

/** What is looked for. */
export interface Wanted {
  readonly file: string;
  readonly hash: Hash;
}

/** A part of a URL: as it is, or one of four facts about the file. */
type Piece = string | ((wanted: Wanted) => string);

/** A mirror: the pieces of its URLs. */
export type ContentMirror = readonly Piece[];

const facts: Readonly<Record<string, (wanted: Wanted) => string>> = {
  file: ({ file }) => file.replaceAll('?', '%3F'),
  'symbol->string algo': ({ hash }) => hash.algorithm,
  'bytevector->nix-base32-string hash': ({ hash }) => encodeBase32(hash.digest),
  'bytevector->base16-string hash': ({ hash }) => Buffer.from(hash.digest).toString('hex'),
};

/** The mirrors in a file whose value is `(list MIRROR …)`, at its end where it is a `begin`. */
export function contentMirrorsOf(datum: Datum): readonly ContentMirror[] {
  const makers = makersOf(datum);
  const list = isList(datum) && isSymbol(datum[0], 'begin') ? datum.at(-1) : datum;
  if (!isList(list) || !isSymbol(list[0], 'list')) return [];
  return list.slice(1).flatMap((mirror) => mirrorOf(mirror, makers) ?? []);
}

/** The address of `wanted` at a mirror. */
export function addressAt(mirror: ContentMirror, wanted: Wanted): string {
  return mirror.map((piece) => (typeof piece === 'string' ? piece : piece(wanted))).join('');
}

/** What `(define (NAME HOST) (lambda …))` defines, by name. */
interface Maker {
  readonly parameter: string;
  readonly body: Datum;
}

function makersOf(datum: Datum): ReadonlyMap<string, Maker> {
  const makers = new Map<string, Maker>();
  for (const form of isList(datum) && isSymbol(datum[0], 'begin') ? datum : []) {
    if (!isList(form) || !isSymbol(form[0], 'define')) continue;
    const [, heading, body] = form;
    if (!isList(heading) || heading.length !== 2 || body === undefined) continue;
    const [name, parameter] = heading;
    if (name instanceof Atom && parameter instanceof Atom) makers.set(name.name, { parameter: parameter.name, body });
  }
  return makers;
}

/** In a list, so that nothing stands for a form that is not known. */
function mirrorOf(datum: Datum, makers: ReadonlyMap<string, Maker>): readonly [ContentMirror] | undefined {
  if (!isList(datum)) return undefined;
  const [head, argument] = datum;
  const maker = head instanceof Atom ? makers.get(head.name) : undefined;
  if (maker === undefined) return piecesOf(datum, {});
  return typeof argument === 'string' ? piecesOf(maker.body, { [maker.parameter]: argument }) : undefined;
}

/** The pieces of `(lambda (file algo hash) (string-append PIECE …))`. */
function piecesOf(datum: Datum, words: Readonly<Record<string, string>>): readonly [ContentMirror] | undefined {
  if (!isList(datum) || !isSymbol(datum[0], 'lambda') || writeNames(datum[1]) !== 'file algo hash') return undefined;
  const [append, ...items] = asList(datum.at(-1));
  if (datum.length !== 3 || !isSymbol(append, 'string-append')) return undefined;
  const pieces = items.map((item) => pieceOf(item, words));
  return pieces.every((piece) => piece !== undefined) ? [pieces] : undefined;
}

function pieceOf(datum: Datum, words: Readonly<Record<string, string>>): Piece | undefined {
  if (typeof datum === 'string') return datum;
  const name = writeNames(datum);
  if (name === undefined) return undefined;
  return Object.hasOwn(words, name) ? words[name] : Object.hasOwn(facts, name) ? facts[name] : undefined;
}

function asList(datum: Datum | undefined): readonly Datum[] {
  return isList(datum) ? datum : [];
}

/** `a b` for the symbols `a` and `b`, and for a list of them. */
function writeNames(datum: Datum | undefined): string | undefined {
  if (datum instanceof Atom) return datum.name;
  if (!isList(datum) || !datum.every((item) => item instanceof Atom)) return undefined;
  return datum.map((item) => (item as Atom).name).join(' ');
}
