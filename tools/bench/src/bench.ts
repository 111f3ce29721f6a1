/**
 * One run of the bench: what is wanted of it, and the rows that it has so far. A row that fails says so in its place, and
 * the others go on.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { type CooperSide, startCooper } from './cooper-side.ts';
import { startNix } from './nix-side.ts';
import { type Aim, type Figures, figures, type Measured, type Row } from './row.ts';
import type { Side, SideOptions } from './side.ts';

export interface BenchOptions {
  /** Fewer runs of smaller work: under two minutes in all. */
  readonly quick: boolean;
  /** Without nix. */
  readonly alone: boolean;
  /** Rows whose name has one of these; none: all. */
  readonly words: readonly string[];
}

export interface RowPlan {
  readonly name: string;
  readonly unit: string;
  readonly aim?: Aim;
  readonly measure: () => Promise<Measured>;
}

/** Measures both sides `runs` times in turn, so that what the machine does meanwhile hits both alike. */
export interface Race {
  readonly runs: number;
  /** Runs before that, which do not count; one unless given. */
  readonly warmUps?: number;
  /** Each gives what it took. */
  readonly cooper: () => Promise<number>;
  readonly peer?: (() => Promise<number>) | undefined;
  /** Done between runs, not timed. */
  readonly between?: () => void;
}

/** How long, in ms, one row may take. */
const patience = 300_000;

/** After how long, in ms, no row is begun any more: a slow machine shall not keep anybody waiting for hours. */
const limits = { quick: 100_000, whole: 800_000 };
const late = 'not measured: the time was up';

export class Bench {
  readonly options: BenchOptions;
  readonly rows: Row[] = [];
  readonly #root: string;
  readonly #started = performance.now();
  #directories = 0;

  /** `root`: an empty directory that everybody can enter. */
  constructor(root: string, options: BenchOptions) {
    this.#root = root;
    this.options = options;
  }

  wants(name: string): boolean {
    const { words } = this.options;
    return words.length === 0 || words.some((word) => name.includes(word));
  }

  /** A fresh directory, which is there until the bench ends. */
  directory(): string {
    const path = `${this.#root}/${++this.#directories}`;
    mkdirSync(path);
    return path;
  }

  /** Measures a row, if it is wanted. */
  async row({ name, unit, aim, measure }: RowPlan): Promise<void> {
    if (!this.wants(name)) return;
    console.error(name);
    const result = this.#isLate ? late : await inTime(measure).catch((error: unknown) => firstLine(error));
    this.rows.push({ name, unit, aim, result });
  }

  /** The figures of Cooper in a row that has been measured. */
  figuresOf(name: string): Figures | undefined {
    const result = this.rows.find((row) => row.name === name)?.result;
    return typeof result === 'object' ? result.cooper : undefined;
  }

  /** Starts both sides for `work`, if one of the rows called `names` is wanted. A peer that does not start is left out. */
  async withSides(
    options: Omit<SideOptions, 'root'>,
    names: readonly string[],
    work: (cooper: CooperSide, peer: Side | undefined) => Promise<void>,
  ): Promise<void> {
    const wanted = names.filter((name) => this.wants(name));
    if (wanted.length === 0) return;
    if (this.#isLate) {
      for (const name of wanted) this.rows.push({ name, unit: '', result: late });
      return;
    }
    const cooper = await startCooper({ ...options, root: this.directory() });
    const peer = this.options.alone ? undefined : await startNix({ ...options, root: this.directory() }).catch(tell);
    try {
      await work(cooper, peer);
    } finally {
      await cooper.stop();
      await peer?.stop();
    }
  }

  get #isLate(): boolean {
    const { quick } = this.options;
    return performance.now() - this.#started > (quick ? limits.quick : limits.whole);
  }

  end(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

export async function race({ runs, warmUps = 1, cooper, peer, between }: Race): Promise<Measured> {
  const times: number[] = [];
  const peerTimes: number[] = [];
  for (let run = 0; run < runs + warmUps; run++) {
    times.push(await cooper());
    if (peer !== undefined) peerTimes.push(await peer());
    between?.();
  }
  return {
    cooper: figures(times.slice(warmUps)),
    peer: peer === undefined ? undefined : figures(peerTimes.slice(warmUps)),
  };
}

/** How long `work` takes, in ms. */
export async function clock(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function inTime<T>(measure: () => Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new Error(`not done in ${patience / 1000} s`)), patience);
  return Promise.race([promise, measure()]).finally(() => clearTimeout(timer));
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = (message.split('\n')[0] ?? '').replaceAll('|', '/');
  // Paths of this run say nothing to anybody else.
  return line.replace(/\/\S*cooper-bench-\S*/g, '…').slice(0, 120);
}

function tell(error: unknown): undefined {
  console.error(`nix-daemon: ${firstLine(error)}`);
}
