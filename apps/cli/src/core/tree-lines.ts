/** The live tree: a build request as the lines of a terminal. A function of what is known, the size and the time. */
import type { StorePath } from '@cooper/store-path';
import { type Branch, branchesOf, orderAsForest, type Place } from './build-forest.ts';
import type { Build, BuildState, BuildView } from './build-view.ts';
import { downloadLines } from './download-lines.ts';
import { formatDuration } from './duration.ts';
import { waitText } from './messages.ts';
import { fit, textWidth } from './text-width.ts';

/** What the terminal can show. */
export interface Style {
  readonly colour: boolean;
  /** Characters beyond ASCII. */
  readonly unicode: boolean;
}

export interface Frame extends Style {
  /** Columns and rows that may be used. */
  readonly width: number;
  readonly height: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** When the request began. */
  readonly start: number;
}

/** A tree of the builds of one request, kept while the set of them does not change. */
export class BuildTree {
  readonly #view: BuildView;
  readonly #inputs = new Map<StorePath, readonly StorePath[]>();
  #places: readonly Place[] = [];
  #placed = -1;

  constructor(view: BuildView) {
    this.#view = view;
  }

  /** Tells what a derivation needs, once that is known. Without it, it stands alone. */
  setInputs(path: StorePath, inputs: readonly StorePath[]): void {
    this.#inputs.set(path, inputs);
    this.#placed = -1;
  }

  /** At most `height` lines of at most `width` columns; the last one sums up. */
  lines(frame: Frame): string[] {
    const { builds } = this.#view;
    const fetching = downloadLines(this.#view.downloads.values(), frame);
    if ((builds.size === 0 && this.#view.downloads.size === 0) || frame.height < 1) return [];
    const room = frame.height - 1;
    // Builds may leave no room for downloads, or the other way round: each has half of it for sure.
    const downloads = fetching.slice(0, Math.max(room - builds.size, room >> 1));
    const shown = chooseBuilds(builds, room - downloads.length);
    const lines = branchesOf(this.#order(), shown).map((branch) => {
      const build = builds.get(branch.path);
      return build === undefined ? '' : buildLine(branch, build, frame);
    });
    return [...lines, ...downloads, summaryLine(this.#view, frame)];
  }

  #order(): readonly Place[] {
    const { builds } = this.#view;
    if (this.#placed !== builds.size) {
      this.#places = orderAsForest(builds.keys(), (path) => this.#inputs.get(path) ?? []);
      this.#placed = builds.size;
    }
    return this.#places;
  }
}

/** What matters most comes first where there is no room for all. */
const importance: Readonly<Record<BuildState, number>> = { running: 0, failed: 1, waiting: 2, planned: 3, built: 4 };

function chooseBuilds(builds: ReadonlyMap<StorePath, Build>, room: number): ReadonlySet<StorePath> {
  if (builds.size <= room) return new Set(builds.keys());
  const rank = (build: Build) => importance[build.state] + (build.reason?.for === 'inputs' ? 0.5 : 0);
  const age = (build: Build) => (build.state === 'built' ? -build.since : build.since);
  const chosen = [...builds.values()].sort((a, b) => rank(a) - rank(b) || age(a) - age(b)).slice(0, Math.max(0, room));
  return new Set(chosen.map(({ path }) => path));
}

const symbols = {
  unicode: { running: '●', failed: '✘', waiting: '○', planned: '○', built: '✔' },
  ascii: { running: '*', failed: 'x', waiting: '.', planned: '.', built: '+' },
} as const satisfies Record<string, Record<BuildState, string>>;

const lineArt = {
  unicode: { through: '│  ', gap: '   ', branch: '├─ ', end: '└─ ' },
  ascii: { through: '|  ', gap: '   ', branch: '|- ', end: '`- ' },
} as const;

/** Select Graphic Rendition: the number of the colour of each state, and faint for what is less important. */
const colours: Readonly<Record<BuildState | 'faint', number>> = {
  ...{ running: 33, failed: 31, waiting: 36, planned: 36, built: 32, faint: 2 },
};

function buildLine({ follows }: Branch, build: Build, frame: Frame): string {
  const set = frame.unicode ? 'unicode' : 'ascii';
  const paint = (text: string, colour: keyof typeof colours) =>
    frame.colour && text !== '' ? `\x1b[${colours[colour]}m${text}\x1b[0m` : text;
  const branches = fit(drawBranches(follows, lineArt[set]), Math.floor(frame.width / 2), frame.unicode ? '…' : '~');
  const room = frame.width - textWidth(branches) - 2;
  const name = fit(build.name, room, frame.unicode ? '…' : '~');
  const detail = fit(detailOf(build, frame), room - textWidth(name) - 2, frame.unicode ? '…' : '~');
  const gap = detail === '' ? '' : '  ';
  return `${paint(branches, 'faint')}${paint(symbols[set][build.state], build.state)} ${name}${gap}${paint(detail, 'faint')}`;
}

type LineArt = (typeof lineArt)[keyof typeof lineArt];

function drawBranches(follows: readonly boolean[], art: LineArt): string {
  const above = follows.slice(0, -1).map((more) => (more ? art.through : art.gap));
  const own = follows.at(-1);
  return above.join('') + (own === undefined ? '' : own ? art.branch : art.end);
}

function detailOf(build: Build, { now }: Frame): string {
  switch (build.state) {
    case 'running':
      return `${formatDuration(now - build.since)}  ${build.lastLine.replaceAll('\t', ' ').trim()}`.trim();
    case 'built':
    case 'failed':
      return build.duration > 0 ? formatDuration(build.duration) : '';
    case 'waiting':
      return build.reason === undefined ? '' : `waits ${waitText(build.reason)}`;
    case 'planned':
      return '';
  }
}

function summaryLine({ counts, builds, downloads, downloadCounts }: BuildView, frame: Frame): string {
  const failed = counts.failed + downloadCounts.failed;
  const waiting = counts.waiting + counts.planned;
  const parts = [
    failed > 0 ? `${failed} failed` : '',
    counts.running > 0 ? `${counts.running} running` : '',
    downloadCounts.running > 0 ? `${downloadCounts.running} fetching` : '',
    waiting > 0 ? `${waiting} waiting` : '',
    builds.size > 0 ? `${counts.built} of ${builds.size} built` : '',
    downloads.size > 0 ? `${downloadCounts.fetched} of ${downloads.size} fetched` : '',
    formatDuration(frame.now - frame.start),
  ];
  return fit(parts.filter((part) => part !== '').join(frame.unicode ? ' · ' : ', '), frame.width, '');
}
