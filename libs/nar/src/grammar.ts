/**
 * The grammar of archives as a table: in each state, the words that may come, and what each leads to.
 *
 *     archive   = "nix-archive-1" node
 *     node      = "(" "type" ( regular | symlink | directory ) ")"
 *     regular   = "regular" [ "executable" "" ] "contents" BYTES
 *     symlink   = "symlink" "target" TARGET
 *     directory = "directory" { "entry" "(" "name" NAME "node" node ")" }
 *
 * (Nix's `dumpPath`; figure 5.2 of E. Dolstra, "The Purely Functional Software Deployment Model", 2006.)
 */
import { encodeWords } from './words.ts';

/** Where the reader is: what the next string has to be. */
export type State =
  | 'magic'
  | 'node'
  | 'type'
  | 'kind'
  | 'regular'
  | 'marker'
  | 'executable'
  | 'size'
  | 'symlink'
  | 'target'
  | 'entries'
  | 'entry'
  | 'entry-name'
  | 'name'
  | 'entry-node'
  | 'entry-end'
  | 'node-end'
  | 'end';

/** What a word means besides the next state; after the end of a node, that depends on where the node is. */
export type Action = 'none' | 'mark-executable' | 'begin-directory' | 'end-directory' | 'end-node';

export interface Word {
  readonly text: string;
  /** With its length and padding. */
  readonly encoded: Uint8Array;
  readonly action: Action;
  readonly next: State;
}

function word(text: string, next: State, action: Action = 'none'): Word {
  return { text, encoded: encodeWords(text), action, next };
}

/**
 * The states in which one of some words is expected; in the others (`size`, `target`, `name`, `end`) it is something
 * else.
 */
export const grammar: Readonly<Partial<Record<State, readonly Word[]>>> = {
  magic: [word('nix-archive-1', 'node')],
  node: [word('(', 'type')],
  type: [word('type', 'kind')],
  kind: [word('regular', 'regular'), word('directory', 'entries', 'begin-directory'), word('symlink', 'symlink')],
  regular: [word('contents', 'size'), word('executable', 'marker')],
  marker: [word('', 'executable', 'mark-executable')],
  executable: [word('contents', 'size')],
  symlink: [word('target', 'target')],
  entries: [word('entry', 'entry'), word(')', 'end', 'end-directory')],
  entry: [word('(', 'entry-name')],
  'entry-name': [word('name', 'name')],
  'entry-node': [word('node', 'node')],
  'entry-end': [word(')', 'entries')],
  'node-end': [word(')', 'end', 'end-node')],
};
