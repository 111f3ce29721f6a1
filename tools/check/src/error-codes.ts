/**
 * `docs/errors.md` has a row for every code that sources give to a `Fault` or declare in a contract, with cause and remedy, in
 * order, and for no other.
 */
import { blankComments, lineAt, readSource } from '@cooper/workspace';
import { type Checker, ownFiles, type Problem, sourceFile, testFile, type Workspace } from './checker.ts';

const page = 'docs/errors.md';

export interface CodeUse {
  readonly code: string;
  readonly file: string;
  readonly line: number;
}

export const checkErrorCodes: Checker = (workspace) => {
  const uses = findCodes(workspace);
  const rows = readRows(workspace);
  const listed = new Set(rows.map(({ code }) => code));
  const used = new Set(uses.map(({ code }) => code));
  return [
    ...uses
      .filter(({ code }, index) => !listed.has(code) && uses.findIndex((use) => use.code === code) === index)
      .map(({ code, file, line }) => ({ file, line, message: `\`${code}' has no row in ${page}` })),
    ...rows.filter(({ code }) => !used.has(code)).map(({ code, line }) => problem(line, `\`${code}' is in no source`)),
    ...rows
      .filter(({ cells }) => cells.some((cell) => cell === ''))
      .map(({ code, line }) => problem(line, `\`${code}' lacks a cause or a remedy`)),
    ...rows
      .filter(({ code }, index) => index > 0 && code <= (rows[index - 1]?.code ?? ''))
      .map(({ code, line }) => problem(line, `\`${code}' is out of order`)),
  ];
};

function problem(line: number, message: string): Problem {
  return { file: page, line, message };
}

const faultMade = /\bnew Fault\(\s*([^,]*),/g;
const codesDeclared = /\berrors: \[([^\]]*)\]/g;
const literal = /'([a-z0-9]+(?:-[a-z0-9]+)*)'/g;

/** Every code that a source outside of tests names where faults are made or contracts declared, by code. */
export function findCodes(workspace: Workspace): readonly CodeUse[] {
  const files = ownFiles(workspace, sourceFile).filter(
    (file) => /^(?:apps|libs|native)\//.test(file) && !testFile.test(file),
  );
  return files
    .flatMap((file) => {
      const code = blankComments(readSource(workspace.tree, file));
      return [faultMade, codesDeclared]
        .flatMap((shape) => [...code.matchAll(shape)])
        .flatMap((made) =>
          literals(made[1] ?? '').map((word) => ({ code: word, file, line: lineAt(code, made.index) })),
        );
    })
    .sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
}

function literals(text: string): readonly string[] {
  return [...text.matchAll(literal)].map((match) => match[1] ?? '');
}

interface Row {
  readonly code: string;
  readonly cells: readonly string[];
  readonly line: number;
}

/** The rows ``| `code` | cause | remedy |``. */
function readRows({ tree }: Workspace): readonly Row[] {
  if (!tree.files.includes(page)) return [];
  return readSource(tree, page)
    .split('\n')
    .flatMap((text, index) => {
      const [, code, cause = '', remedy = ''] = /^\| *`([a-z0-9-]+)` *\|([^|]*)\|([^|]*)\|$/.exec(text) ?? [];
      return code === undefined ? [] : [{ code, cells: [cause.trim(), remedy.trim()], line: index + 1 }];
    });
}
