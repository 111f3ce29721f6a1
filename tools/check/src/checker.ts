/** What every checker is: a function from the sources to what is wrong with them. */
import { type Project, readSource, type SourceTree } from '@cooper/workspace';

export interface Workspace {
  readonly tree: SourceTree;
  readonly projects: readonly Project[];
}

export interface Problem {
  /** Relative to the checkout. */
  readonly file: string;
  /** Counted from 1. */
  readonly line?: number;
  readonly message: string;
  /** To be told, but no reason to fail. */
  readonly warning?: true;
}

/** Finds every breach of one rule. */
export type Checker = (workspace: Workspace) => readonly Problem[];

/** Folders whose files are data: recorded by other programs, not written here. */
const recorded = /^test\/(?:fixtures|golden)\//;

/** The files written by us whose path has the shape. */
export function ownFiles({ tree }: Workspace, shape: RegExp): readonly string[] {
  return tree.files.filter((file) => shape.test(file) && !recorded.test(file));
}

/** A file's lines, with their numbers. */
export function readLines({ tree }: Workspace, file: string): readonly { line: number; text: string }[] {
  return readSource(tree, file)
    .split('\n')
    .map((text, index) => ({ line: index + 1, text }));
}

export const sourceFile = /\.(?:ts|mjs)$/;
export const testFile = /\.test\.ts$/;
