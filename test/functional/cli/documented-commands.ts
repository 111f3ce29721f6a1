/** The commands that README.md, docs and the READMEs of the parts show: what follows `cooper`, as it is written. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const checkout = fileURLToPath(new URL('../../../', import.meta.url));
export const executable = `${checkout}apps/cli/bin/cooper`;

export interface DocumentedCommand {
  readonly page: string;
  /** All that stands there, arguments and placeholders included. */
  readonly text: string;
}

const pages = [
  'README.md',
  ...globSync('docs/**/*.md', { cwd: checkout }),
  ...globSync('{apps,native,examples}/*/README.md', { cwd: checkout }),
];

/** What stands in backticks, and lines of indented blocks, that begin with `cooper` and a word; variables may come before. */
const written =
  /`(?:npx )?cooper (?<quoted>[a-z][^`]*)`|^ {4,7}(?:sudo )?(?:[A-Z_]+=\S+ )*(?:npx |\S+\/bin\/)?cooper (?<block>[a-z].*)$/gm;

export function documentedCommands(): DocumentedCommand[] {
  return pages.flatMap((page) => {
    const text = readFileSync(`${checkout}${page}`, 'utf8');
    return [...text.matchAll(written)].map(({ groups = {} }) => {
      return { page, text: `${groups['quoted'] ?? groups['block']}`.trim() };
    });
  });
}
