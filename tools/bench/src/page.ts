/** Puts figures into docs/performance.md, between its marks, and draws the pictures beside it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Curve, picture } from './picture.ts';
import { type Row, table } from './row.ts';

const docs = fileURLToPath(new URL('../../../docs', import.meta.url));
const begin = '<!-- figures: written by `npm run -s bench -- --write` -->';
const end = '<!-- end of figures -->';

/** Which rows make a curve, and what `n` is of each: the number in its name. */
const pictures = [
  {
    file: 'performance-goals.svg',
    title: 'Goals for n derivations, each needing 5 others',
    unit: 'ms in all',
    rows: /^goals for (\d+) derivations, fan 5$/,
  },
  {
    file: 'performance-builds.svg',
    title: 'n trivial builds at once, no sandbox',
    unit: 'ms each',
    rows: /^(\d+) builds(?: at once|, no sandbox)$/,
  },
];

export function writePage(rows: readonly Row[], started: Date): void {
  const page = `${docs}/performance.md`;
  const [before, rest] = split(readFileSync(page, 'utf8'), begin);
  const [, after] = split(rest, end);
  writeFileSync(
    page,
    [before, begin, '', surroundings(started), '', table(rows), '', end, after].join('\n').replace(/\n\n+/g, '\n\n'),
  );
  for (const { file, rows: pattern, ...about } of pictures) {
    const curves = curvesOf(rows, pattern);
    if (curves.length > 0) writeFileSync(`${docs}/${file}`, picture({ ...about, curves }));
  }
}

function split(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`docs/performance.md has no line \`${mark}'`);
  return [text.slice(0, at).trimEnd(), text.slice(at + mark.length).trimStart()];
}

function surroundings(started: Date): string {
  const [processor] = cpus();
  const load = loadavg()[0] ?? 0;
  const facts = [
    `${started.toISOString().slice(0, 10)}`,
    `${cpus().length} × ${processor?.model.trim()}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Linux ${release()}`,
    `Node ${process.version}`,
    `load at the end ${load.toFixed(1)}`,
  ];
  return `Measured ${facts.join(', ')}.`;
}

function curvesOf(rows: readonly Row[], pattern: RegExp): readonly Curve[] {
  const found = rows.flatMap(({ name, result }) => {
    const n = Number(pattern.exec(name)?.[1]);
    return Number.isNaN(n) || typeof result === 'string' ? [] : [{ n, result }];
  });
  found.sort((a, b) => a.n - b.n);
  const ours = found.map(({ n, result }) => ({ x: n, y: result.cooper.median }));
  const theirs = found.flatMap(({ n, result }) => (result.peer === undefined ? [] : [{ x: n, y: result.peer.median }]));
  const curves = [
    { name: 'cooper', colour: '#0b6e4f', points: ours },
    { name: 'nix-daemon', colour: '#7f3fbf', points: theirs },
  ];
  return curves.filter(({ points }) => points.length > 0);
}
