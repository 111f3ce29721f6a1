/** Timing two sides in turn, so that what the machine does meanwhile hits both alike. */
import type { Added, Side } from './side.ts';
import type { Workload } from './workload.ts';

export interface Row {
  readonly name: string;
  /** What a figure is of: `ms each` divides by the size. */
  readonly unit: 'ms' | 'ms each';
  readonly cooper: Figures;
  readonly peer: Figures | undefined;
}

export interface Figures {
  readonly min: number;
  readonly median: number;
}

export interface Measurement {
  readonly name: string;
  readonly workload: () => Workload;
  /** Done once on each side before anything else. Not timed. */
  readonly prepare?: (side: Side) => Promise<void>;
  readonly work: (side: Side, added: Added) => Promise<void>;
  readonly runs: number;
  /** How many builds the time is divided by; 1 for a whole. */
  readonly divisor: number;
}

/** Measures each side `runs` times after one run that does not count. */
export async function measure(sides: readonly Side[], measurement: Measurement): Promise<Row> {
  const times = new Map(sides.map((side) => [side, [] as number[]]));
  for (const side of sides) await measurement.prepare?.(side);
  for (let run = 0; run <= measurement.runs; run++) {
    for (const side of sides) {
      const added = await side.add(measurement.workload());
      const started = performance.now();
      await measurement.work(side, added);
      if (run > 0) times.get(side)?.push((performance.now() - started) / measurement.divisor);
    }
  }
  const [cooper, peer] = sides.map((side) => figures(times.get(side) ?? []));
  return {
    name: measurement.name,
    unit: measurement.divisor === 1 ? 'ms' : 'ms each',
    cooper: cooper as Figures,
    peer,
  };
}

/** Smallest and middle of `times`. */
export function figures(times: readonly number[]): Figures {
  const sorted = [...times].sort((a, b) => a - b);
  return { min: sorted[0] ?? Number.NaN, median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN };
}

/** A table in Markdown. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ name, unit, cooper, peer }) => {
    const ratio = peer === undefined ? '' : `${(cooper.median / peer.median).toFixed(2)} ×`;
    return `| ${name} | ${unit} | ${text(cooper)} | ${peer === undefined ? '' : text(peer)} | ${ratio} |`;
  });
  return [
    '| work | unit | cooper min / median | nix-daemon min / median | ratio of medians |',
    '|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function text({ min, median }: Figures): string {
  const digits = median < 100 ? 2 : 0;
  return `${min.toFixed(digits)} / ${median.toFixed(digits)}`;
}
