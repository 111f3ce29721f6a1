/** Generations of profiles: which of them are so old that they may go. */

export interface Generation {
  /** The link `PROFILE-NUMBER-link`. */
  readonly file: string;
  readonly number: number;
  /** When it was made, in ms since 1970. */
  readonly time: number;
  readonly isCurrent: boolean;
}

/**
 * Those of one profile that were in use at no time since `since` (ms since 1970). The current one stays, and so does the
 * one that was current at that time.
 */
export function expiredGenerations(generations: readonly Generation[], since: number): readonly Generation[] {
  const sorted = generations.toSorted((a, b) => a.number - b.number);
  const inUse = sorted.findLastIndex(({ time }) => time <= since);
  return sorted.filter(({ isCurrent }, index) => !isCurrent && index < inUse);
}

const days: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30 };

/** The milliseconds that `30d`, `2w` or `3m` (months of 30 days) mean. Nothing for other texts. */
export function parseAge(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,6})([dwm])$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (days[unit] ?? 0) * 86_400_000;
}
