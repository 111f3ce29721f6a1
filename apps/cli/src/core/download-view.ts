/** What is known of the downloads of a request: the events of the scheduler about substitutes, folded. */
import type { SchedulerEvent } from '@cooper/contracts';
import { type StorePath, storePathName } from '@cooper/store-path';
import { printable } from './printable.ts';

export type DownloadState = 'planned' | 'running' | 'fetched' | 'failed';

/** One store item that is fetched. */
export interface Download {
  readonly path: StorePath;
  /** The name of the item. */
  readonly name: string;
  readonly state: DownloadState;
  /** Where it comes from, harmless; empty until that is known. */
  readonly url: string;
  /** Of what comes over the wire, in bytes; 0 when nobody says. */
  readonly size: number;
  /** How much of it has come. */
  readonly transferred: number;
  /** When it began, in milliseconds since 1970. */
  readonly since: number;
  /** How long it took, in milliseconds; 0 until it has ended. */
  readonly duration: number;
}

/** Something that happened, for people. */
export type DownloadNote =
  | { readonly note: 'fetching' | 'fetched'; readonly download: Download }
  | { readonly note: 'message'; readonly level: 'warning'; readonly text: string };

type EventOf<Kind extends SchedulerEvent['event']> = Extract<SchedulerEvent, { event: Kind }>;
type Entry = { -readonly [K in keyof Download]: Download[K] };

export class DownloadView {
  readonly #downloads = new Map<StorePath, Entry>();
  readonly #counts: Record<DownloadState, number> = { planned: 0, running: 0, fetched: 0, failed: 0 };

  /** Every item, in the order in which they became known. */
  get downloads(): ReadonlyMap<StorePath, Download> {
    return this.#downloads;
  }

  get counts(): Readonly<Record<DownloadState, number>> {
    return this.#counts;
  }

  /** Takes in `event`, if it is about substitutes, and says what has happened by it. */
  apply(event: SchedulerEvent): readonly DownloadNote[] {
    switch (event.event) {
      case 'planned-substitutes':
        for (const { path, downloadSize } of event.substitutes) this.#entry(path).size = downloadSize;
        return [];
      case 'substitution-started':
        return this.#start(event);
      case 'substitution-event':
        return this.#goOn(event);
      case 'substitution-succeeded':
        return this.#succeed(event);
      case 'substitution-failed':
        this.#move(event.path, 'failed');
        return [{ note: 'message', level: 'warning', text: printable(event.message) }];
      default:
        return [];
    }
  }

  #start({ path, url, time }: EventOf<'substitution-started'>): readonly DownloadNote[] {
    const entry = this.#move(path, 'running');
    entry.since = time;
    entry.url = printable(url);
    entry.transferred = 0;
    return [{ note: 'fetching', download: entry }];
  }

  #goOn({ path, detail }: EventOf<'substitution-event'>): readonly DownloadNote[] {
    const entry = this.#entry(path);
    if (detail.event === 'warning') return [{ note: 'message', level: 'warning', text: printable(detail.message) }];
    if (detail.event === 'progress') entry.transferred = detail.transferred;
    else {
      entry.url = printable(detail.url);
      entry.size = detail.size ?? entry.size;
    }
    return [];
  }

  #succeed({ path, duration }: EventOf<'substitution-succeeded'>): readonly DownloadNote[] {
    const entry = this.#move(path, 'fetched');
    entry.duration = duration;
    return [{ note: 'fetched', download: entry }];
  }

  #move(path: StorePath, state: DownloadState): Entry {
    const entry = this.#entry(path);
    this.#counts[entry.state]--;
    this.#counts[state]++;
    entry.state = state;
    return entry;
  }

  #entry(path: StorePath): Entry {
    const known = this.#downloads.get(path);
    if (known !== undefined) return known;
    const entry: Entry = {
      ...{ path, name: storePathName(path), state: 'planned', url: '' },
      ...{ size: 0, transferred: 0, since: 0, duration: 0 },
    };
    this.#downloads.set(path, entry);
    this.#counts.planned++;
    return entry;
  }
}
