/**
 * What the sources of the contracts say of each field, in the comment above it: the pages say it, too. A record of a schema
 * is found again in the sources by the names of its fields.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { SchemaNode } from '@cooper/contracts';

/** An object literal of the sources. */
interface Literal {
  readonly names: Set<string>;
  readonly comments: Map<string, string>;
  /** It takes in the fields of others, so that a record has more names. */
  isSpread: boolean;
}

/** What matters in a source: comments of documentation, other text to pass over, spreads, braces, and names of fields. */
const token =
  /\/\*\*\s*(?<comment>[\s\S]*?)\s*\*\/|\/\/.*|'(?<quoted>(?:[^'\\\n]|\\.)*)'(?<colon>:)?|`[^`]*`|(?<spread>\.\.\.)|[{}]|\b(?<name>[a-zA-Z]\w*):|(?<=(?:[{,]|\*\/)\s*)(?<short>[a-zA-Z]\w*)(?=\s*[,}])/g;

const folder = new URL('../../../libs/contracts/src/', import.meta.url);
const literals = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .flatMap((file) => findLiterals(readFileSync(new URL(file, folder), 'utf8')))
  .filter(({ comments }) => comments.size > 0);

/** What is said of each field of `record`, by its name. */
export function commentsOn(record: Extract<SchemaNode, { kind: 'record' }>): ReadonlyMap<string, string> {
  return commentsFor(new Set(record.fields.keys()));
}

/** What is said of each variant of `union`, by its word. */
export function commentsOnVariants(union: Extract<SchemaNode, { kind: 'union' }>): ReadonlyMap<string, string> {
  return commentsFor(new Set(union.variants.keys()));
}

function commentsFor(names: ReadonlySet<string>): ReadonlyMap<string, string> {
  const found = literals.filter((literal) => literal.isSpread || literal.names.size === names.size);
  return new Map(found.filter((literal) => isWithin(literal.names, names)).flatMap(({ comments }) => [...comments]));
}

function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((name) => all.has(name));
}

/** Every object literal in `source` (and other braces, which have no names that a record has). */
function findLiterals(source: string): Literal[] {
  const done: Literal[] = [];
  const open: Literal[] = [];
  let comment: string | undefined;
  for (const { 0: whole, groups = {} } of source.matchAll(token)) {
    const inner = open.at(-1);
    const name = groups['colon'] === undefined ? (groups['name'] ?? groups['short']) : groups['quoted'];
    if (groups['comment'] !== undefined) comment = groups['comment'].replace(/\s*\n\s*\* ?/g, ' ').replace(/^\* /, '');
    else if (name !== undefined && inner !== undefined) {
      inner.names.add(name);
      if (comment !== undefined) inner.comments.set(name, comment);
      comment = undefined;
    } else if (groups['spread'] !== undefined && inner !== undefined) inner.isSpread = true;
    else if (whole === '{') {
      open.push({ names: new Set(), comments: new Map(), isSpread: false });
      comment = undefined;
    } else if (whole === '}') done.push(...open.splice(-1));
  }
  return done;
}
