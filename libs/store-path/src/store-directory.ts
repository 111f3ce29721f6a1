/**
 * The store directory: `/gnu/store`, `/nix/store` or any other. It is part of every store path and of every hash that
 * names one, so there is one way to write it.
 */
import { Fault } from '@cooper/fault';

/**
 * Throws a fault `invalid-store-directory` unless `path` is absolute and canonical (no empty, `.` or `..` components,
 * no `/` at the end, not the root) and of visible ASCII characters without the colon. Blanks and colons separate paths
 * in what builders and agents are told (`PATH`, lists of references), and other bytes would make paths that are no text.
 * Functions that take a store directory rely on this check; whoever reads the configuration makes it.
 */
export function checkStoreDirectory(path: string): void {
  const reason = directoryProblem(path);
  if (reason === undefined) return;
  throw new Fault('invalid-store-directory', `invalid store directory \`${path}': ${reason}`, { path, reason });
}

function directoryProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'it is not absolute';
  if (!/^[!-9;-~]*$/.test(path)) return 'it has a character other than visible ASCII, or a colon';
  const [, ...components] = path.split('/');
  if (components.some((component) => component === '' || component === '.' || component === '..')) {
    return 'it is not canonical';
  }
  return undefined;
}
