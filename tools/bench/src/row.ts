/** What is measured, by rows: figures of Cooper and of its peer, and what they are meant to come to. */

export interface Figures {
  readonly min: number;
  readonly median: number;
}

/** `ratio`: of the medians, to the peer's, at most. `most`: the median itself, in the row's unit. */
export interface Aim {
  readonly ratio?: number;
  readonly most?: number;
}

export interface Measured {
  readonly cooper: Figures;
  readonly peer?: Figures | undefined;
}

export interface Row {
  readonly name: string;
  /** What a figure is of, such as `ms each`. */
  readonly unit: string;
  readonly aim?: Aim | undefined;
  /** Figures, or why there are none. */
  readonly result: Measured | string;
}

/** Smallest and middle of `values`. */
export function figures(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: sorted[0] ?? Number.NaN, median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN };
}

/** The medians' ratio, where there is a peer. */
export function ratioOf({ result }: Row): number | undefined {
  if (typeof result === 'string' || result.peer === undefined) return undefined;
  return result.cooper.median / result.peer.median;
}

/** Whether the row is as it should be; nothing where nothing can be said. */
export function isMet(row: Row): boolean | undefined {
  const { aim, result } = row;
  if (aim === undefined || typeof result === 'string') return undefined;
  if (aim.most !== undefined) return result.cooper.median <= aim.most;
  const ratio = ratioOf(row);
  return ratio === undefined || aim.ratio === undefined ? undefined : ratio <= aim.ratio;
}

/** A table in Markdown. */
export function table(rows: readonly Row[]): string {
  return [
    '| work | unit | cooper min / median | nix-daemon min / median | ratio | aim | |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(line),
  ].join('\n');
}

function line(row: Row): string {
  const { name, unit, aim, result } = row;
  const wish = aim === undefined ? '' : aim.most === undefined ? `≤ ${aim.ratio} ×` : `≤ ${aim.most} ${unit}`;
  if (typeof result === 'string') return `| ${name} | ${unit} | failed: ${result} | | | ${wish} | |`;
  const ratio = ratioOf(row);
  const met = isMet(row);
  const cells = [
    text(result.cooper),
    result.peer === undefined ? '' : text(result.peer),
    ratio === undefined ? '' : `${ratio.toFixed(2)} ×`,
    wish,
    met === undefined ? '' : met ? 'met' : '**not met**',
  ];
  return `| ${name} | ${unit} | ${cells.join(' | ')} |`;
}

function text({ min, median }: Figures): string {
  const digits = median < 100 ? 2 : 0;
  return min === median ? median.toFixed(digits) : `${min.toFixed(digits)} / ${median.toFixed(digits)}`;
}
