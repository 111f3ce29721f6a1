/** Tables for people. */
import { textWidth } from './text-width.ts';

/** A heading, its words in columns, and rows below them. */
export function tableLines(heading: string, rows: readonly (readonly string[])[]): string[] {
  const all = [heading.split(' '), ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => textWidth(row[column] ?? '')))) ?? [];
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - textWidth(cell)))
      .join('  ')
      .trimEnd();
  return all.map(line);
}
