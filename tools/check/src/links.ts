/** Links of Markdown pages to files and headings of the checkout lead somewhere. */
import { posix } from 'node:path';
import { readSource } from '@cooper/workspace';
import { type Checker, ownFiles, type Workspace } from './checker.ts';

const link = /\[[^\]\n]*\]\(([^)\s]+)\)/g;
const outside = /^[a-z]+:/;

export const checkLinks: Checker = (workspace) =>
  ownFiles(workspace, /\.md$/).flatMap((file) =>
    blankCode(readSource(workspace.tree, file))
      .split('\n')
      .flatMap((text, index) =>
        [...text.matchAll(link)]
          .map((match) => match[1] ?? '')
          .filter((target) => !outside.test(target) && !leadsSomewhere(workspace, file, target))
          .map((target) => ({ file, line: index + 1, message: `the link ${target} leads nowhere` })),
      ),
  );

function leadsSomewhere({ tree }: Workspace, file: string, target: string): boolean {
  const [path = '', heading] = decodeURI(target).split('#');
  const found = path === '' ? file : posix.join(posix.dirname(file), path).replace(/\/$/, '');
  if (!tree.files.includes(found))
    return heading === undefined && tree.files.some((other) => other.startsWith(`${found}/`));
  return heading === undefined || !found.endsWith('.md') || findAnchors(readSource(tree, found)).includes(heading);
}

/** The anchors that GitHub gives to headings: lower case, without marks, spaces as hyphens. */
function findAnchors(page: string): readonly string[] {
  return [...blankFences(page).matchAll(/^#+ +(.+)$/gm)].map(([, title = '']) =>
    title
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Code may hold what looks like a link. */
function blankCode(page: string): string {
  return blankFences(page).replace(/`[^`\n]*`/g, '');
}

function blankFences(page: string): string {
  return page.replace(/^```[\s\S]*?^```/gm, (fence) => fence.replace(/[^\n]/g, ''));
}
