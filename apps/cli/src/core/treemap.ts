/** A treemap: areas in proportion to sizes, as square as can be (Bruls, Huizing and van Wijk's squarified treemaps). */
import { type StorePath, storePathName } from '@cooper/store-path';
import { formatSize } from './byte-size.ts';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface SizedPath {
  readonly path: StorePath;
  /** In bytes. */
  readonly size: number;
}

/** A rectangle for each of `sizes`, which are positive and descend; together they fill `area`. */
export function squarify(sizes: readonly number[], area: Rectangle): readonly Rectangle[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const scale = (area.width * area.height) / total;
  const rectangles: Rectangle[] = [];
  let rest = area;
  for (let from = 0; from < sizes.length; ) {
    const length = rowLength(sizes, from, { side: Math.min(rest.width, rest.height), scale });
    const row = sizes.slice(from, from + length).map((size) => size * scale);
    rest = layRow(row, rest, rectangles);
    from += length;
  }
  return rectangles;
}

/** How many go in a row along the shorter side: as long as that makes the worst of them no longer. */
function rowLength(sizes: readonly number[], from: number, { side, scale }: { side: number; scale: number }): number {
  let [sum, worst] = [0, Number.POSITIVE_INFINITY];
  const largest = (sizes[from] as number) * scale;
  for (let length = 1; from + length <= sizes.length; length++) {
    const smallest = (sizes[from + length - 1] as number) * scale;
    sum += smallest;
    const ratio = Math.max((side ** 2 * largest) / sum ** 2, sum ** 2 / (side ** 2 * smallest));
    if (ratio > worst) return length - 1;
    worst = ratio;
  }
  return sizes.length - from;
}

function layRow(areas: readonly number[], rest: Rectangle, into: Rectangle[]): Rectangle {
  const { x, y, width, height } = rest;
  const sum = areas.reduce((all, area) => all + area, 0);
  const isColumn = width >= height;
  const thickness = sum / (isColumn ? height : width);
  let at = 0;
  for (const area of areas) {
    const length = area / thickness;
    into.push(
      isColumn
        ? { x, y: y + at, width: thickness, height: length }
        : { x: x + at, y, width: length, height: thickness },
    );
    at += length;
  }
  if (isColumn) return { x: x + thickness, y, width: Math.max(0, width - thickness), height };
  return { x, y: y + thickness, width, height: Math.max(0, height - thickness) };
}

const width = 1200;
const height = 800;
const colours = ['#4c78a8', '#f58518', '#54a24b', '#b79a20', '#439894', '#d67195', '#83bcb6', '#9d755d'] as const;

/** The picture of these items as SVG: a rectangle for each, its name and size in it where there is room, and as its title. */
export function treemapPicture(items: readonly SizedPath[], title: string): string {
  const shown = items.filter(({ size }) => size > 0).sort((a, b) => b.size - a.size);
  const rectangles = squarify(
    shown.map(({ size }) => size),
    { x: 0, y: 30, width, height: height - 30 },
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<text x="6" y="20" font-size="15">${escaped(title)}</text>`,
    ...shown.map((item, index) => box(item, rectangles[index] as Rectangle, colours[index % colours.length] ?? '')),
    '</svg>\n',
  ].join('\n');
}

function box({ path, size }: SizedPath, area: Rectangle, colour: string): string {
  const { x, y } = area;
  const place = `x="${round(x)}" y="${round(y)}" width="${round(area.width)}" height="${round(area.height)}"`;
  const text = `${storePathName(path)} ${formatSize(size)}`;
  const room = Math.floor((area.width - 8) / 7);
  const label =
    room < 4 || area.height < 18
      ? ''
      : `<text x="${round(x + 4)}" y="${round(y + 14)}" fill="#fff">${escaped(text.slice(0, room))}</text>`;
  return `<g><title>${escaped(`${path}\n${formatSize(size)}`)}</title><rect ${place} fill="${colour}" stroke="#fff"/>${label}</g>`;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
