/**
 * What is known of a build request: the events of the scheduler, folded. Displays ask it what to draw; what happened
 * since comes back from `apply` as notes, for those who print one line after the other.
 */
import type { SchedulerEvent, WaitReason } from '@cooper/contracts';
import { type StorePath, storePathName } from '@cooper/store-path';
import { type Download, type DownloadNote, type DownloadState, DownloadView } from './download-view.ts';
import { LogLines } from './log-lines.ts';
import { lastOverprint, printable } from './printable.ts';

export type BuildState = 'planned' | 'waiting' | 'running' | 'built' | 'failed';

/** One derivation of the request. */
export interface Build {
  readonly path: StorePath;
  /** Its name without `.drv`. */
  readonly name: string;
  readonly state: BuildState;
  readonly reason: WaitReason | undefined;
  /** When the state began, in milliseconds since 1970. */
  readonly since: number;
  /** How long the build took, in milliseconds; 0 until it has ended. */
  readonly duration: number;
  readonly agent: string;
  /** The last line of the log, harmless; empty while there is none. */
  readonly lastLine: string;
  /** The last lines of the log, harmless. */
  readonly tail: readonly string[];
}

/** Something that happened, for people. */
export type Note =
  | DownloadNote
  | { readonly note: 'started' | 'succeeded' | 'waiting'; readonly build: Build }
  | { readonly note: 'log'; readonly build: Build; readonly line: string }
  | { readonly note: 'failed'; readonly build: Build; readonly event: EventOf<'build-failed'> }
  | { readonly note: 'message'; readonly level: EventOf<'message'>['level']; readonly text: string };

type EventOf<Kind extends SchedulerEvent['event']> = Extract<SchedulerEvent, { event: Kind }>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Entry extends Mutable<Build> {
  /** Made when the log begins: most derivations of a large plan have none yet. */
  log: LogLines | undefined;
  readonly tail: string[];
}

/** How much of a log is shown when its build fails. */
const tailLength = 15;

export class BuildView {
  readonly #builds = new Map<StorePath, Entry>();
  readonly #downloads = new DownloadView();
  readonly #counts: Record<BuildState, number> = { planned: 0, waiting: 0, running: 0, built: 0, failed: 0 };

  /** Every derivation that is known, in the order in which they became known. */
  get builds(): ReadonlyMap<StorePath, Build> {
    return this.#builds;
  }

  /** What is fetched, beside what is built. */
  get downloads(): ReadonlyMap<StorePath, Download> {
    return this.#downloads.downloads;
  }

  get downloadCounts(): Readonly<Record<DownloadState, number>> {
    return this.#downloads.counts;
  }

  /** How many are in each state. */
  get counts(): Readonly<Record<BuildState, number>> {
    return this.#counts;
  }

  /** Takes in `event`, and says what has happened by it. */
  apply(event: SchedulerEvent): readonly Note[] {
    switch (event.event) {
      case 'planned':
        for (const path of event.build) this.#entry(path);
        return [];
      case 'build-waiting':
        return this.#wait(event);
      case 'build-started':
        return this.#start(event);
      case 'build-log':
        return this.#log(event);
      case 'agent-remark':
        return [{ note: 'message', level: 'info', text: printable(Buffer.from(event.data).toString().trimEnd()) }];
      case 'build-succeeded':
        return this.#succeed(event);
      case 'build-failed':
        return this.#fail(event);
      case 'message':
        return [{ note: 'message', level: event.level, text: printable(event.text) }];
      default:
        return this.#downloads.apply(event);
    }
  }

  #wait({ derivation, reason, time }: EventOf<'build-waiting'>): Note[] {
    const entry = this.#move(derivation, 'waiting', time);
    entry.reason = reason;
    // Waiting for inputs and slots is what most of a plan does most of the time: no news.
    return reason.for === 'lock' || reason.for === 'agent' ? [{ note: 'waiting', build: entry }] : [];
  }

  #start({ derivation, agent, time }: EventOf<'build-started'>): Note[] {
    const entry = this.#move(derivation, 'running', time);
    entry.agent = agent;
    return [{ note: 'started', build: entry }];
  }

  #log({ derivation, data }: EventOf<'build-log'>): Note[] {
    const entry = this.#entry(derivation);
    entry.log ??= new LogLines();
    const notes = this.#addLines(entry, entry.log.push(data));
    const unfinished = printable(lastOverprint(entry.log.unfinished));
    if (unfinished.trim() !== '') entry.lastLine = unfinished;
    return notes;
  }

  #succeed({ derivation, duration, time }: EventOf<'build-succeeded'>): Note[] {
    const entry = this.#move(derivation, 'built', time);
    entry.duration = duration;
    return [...this.#endLog(entry), { note: 'succeeded', build: entry }];
  }

  #fail(event: EventOf<'build-failed'>): Note[] {
    const known = this.#entry(event.derivation);
    const duration = known.state === 'running' ? event.time - known.since : 0;
    const entry = this.#move(event.derivation, 'failed', event.time);
    entry.duration = duration;
    return [...this.#endLog(entry), { note: 'failed', build: entry, event }];
  }

  #endLog(entry: Entry): Note[] {
    const lines = entry.log?.end() ?? [];
    entry.log = undefined;
    return this.#addLines(entry, lines);
  }

  #addLines(entry: Entry, lines: readonly string[]): Note[] {
    return lines.map((raw) => {
      const line = printable(lastOverprint(raw));
      if (line.trim() !== '') entry.lastLine = line;
      entry.tail.push(line);
      if (entry.tail.length > tailLength) entry.tail.shift();
      return { note: 'log', build: entry, line };
    });
  }

  #move(path: StorePath, state: BuildState, time: number): Entry {
    const entry = this.#entry(path);
    this.#counts[entry.state]--;
    this.#counts[state]++;
    entry.state = state;
    entry.since = time;
    entry.reason = undefined;
    return entry;
  }

  #entry(path: StorePath): Entry {
    const known = this.#builds.get(path);
    if (known !== undefined) return known;
    const entry = newEntry(path);
    this.#builds.set(path, entry);
    this.#counts.planned++;
    return entry;
  }
}

function newEntry(path: StorePath): Entry {
  const name = storePathName(path).replace(/\.drv$/, '');
  const progress = { state: 'planned', reason: undefined, since: 0, duration: 0, agent: '' } as const;
  return { path, name, ...progress, lastLine: '', tail: [], log: undefined };
}
