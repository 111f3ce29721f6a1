/**
 * Which modules a source names, read from its text. The compiler would know better, but costs seconds and has no
 * programming interface since TypeScript 7; these few shapes are all that the formatter lets through.
 */

/** One `import`, `export … from` or `import()` with a literal specifier. */
export interface SourceImport {
  readonly specifier: string;
  /** Counted from 1. */
  readonly line: number;
  /** `import type` or `export type`: gone when the program runs. */
  readonly typeOnly: boolean;
}

const statement = /(?:^|[;{}]|\*\/)\s*(?:import|export)\b(?:[^'"`;()]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm;
const call = /\b(?:import|require|createRequire\([^)]*\))\s*\(\s*(['"])([^'"\n]+)\1/g;

/** Every import of a TypeScript or JavaScript source, in order of lines. Words in comments do not count. */
export function findSourceImports(source: string): readonly SourceImport[] {
  const text = blankComments(source);
  return [statement, call]
    .flatMap((shape) => [...text.matchAll(shape)])
    .map((match) => ({
      specifier: match[2] ?? '',
      line: lineAt(text, match.index + match[0].length),
      typeOnly: /^\W*(?:import|export)\s+type\b/.test(match[0]),
    }))
    .sort((a, b) => a.line - b.line);
}

/** The line number, from 1, of a position in a text. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** What may hold the marks of another: comments, strings, templates, regular expressions (by what stands before them). */
const literal = new RegExp(
  [
    String.raw`//[^\n]*`,
    String.raw`/\*[\s\S]*?\*/`,
    String.raw`'(?:\\.|[^'\\\n])*'`,
    String.raw`"(?:\\.|[^"\\\n])*"`,
    '`(?:\\\\.|[^`\\\\])*`',
    String.raw`(?<=(?:[(,=:[!&|?{;]|\breturn)\s*)/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[*])+/`,
  ].join('|'),
  'g',
);

function isComment(part: string): boolean {
  return part.startsWith('//') || part.startsWith('/*');
}

/** The source with its comments turned to spaces; lines and positions stay. */
export function blankComments(source: string): string {
  return source.replace(literal, (part) => (isComment(part) ? blank(part) : part));
}

/** The source with comments and the insides of strings turned to spaces; lines and positions stay. */
export function blankCommentsAndStrings(source: string): string {
  return source.replace(literal, (part) =>
    isComment(part) ? blank(part) : `${part[0]}${blank(part.slice(1, -1))}${part.at(-1)}`,
  );
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
