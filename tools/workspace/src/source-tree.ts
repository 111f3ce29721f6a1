/** The files of a checkout: what is committed or could be, by git's own word. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths are relative to `root`, with `/`, in order. */
export interface SourceTree {
  readonly root: string;
  readonly files: readonly string[];
}

/** Lists the files of the git checkout at `root`, without ignored ones and those deleted but not yet committed. */
export function readSourceTree(root: string): SourceTree {
  const listing = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const names = [...new Set(listing.split('\0'))].filter((name) => name !== '' && existsSync(join(root, name)));
  return { root, files: names.sort() };
}

/** A file's text, UTF-8. */
export function readSource(tree: SourceTree, file: string): string {
  return readFileSync(join(tree.root, file), 'utf8');
}
