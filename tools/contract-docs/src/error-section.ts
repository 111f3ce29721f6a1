/** What the errors of a contract mean, from the page that has all of them. */
import { readFileSync } from 'node:fs';
import type { Method } from '@cooper/contracts';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

/** A table of every code that one of `methods` may answer with, in the order of their names. */
export function errorSection(methods: readonly Method[]): string[] {
  const codes = [...new Set(methods.flatMap(({ errors }) => errors))].sort();
  if (codes.length === 0) return [];
  return ['## Errors', '', '| code | cause | remedy |', '|---|---|---|', ...codes.map(rowOf), ''];
}

function rowOf(code: string): string {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${code}\` |`));
  if (row === undefined) throw new Error(`docs/errors.md has no row for ${code}`);
  return row.replaceAll('](protocols/', '](');
}
