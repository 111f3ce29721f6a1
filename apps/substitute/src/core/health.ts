/** What is known of how a cache fares: one that fails is left alone for a while, longer each time. */

export interface Health {
  /** How often it has failed since it last answered. */
  readonly failures: number;
  /** In ms since 1970: not before then is it to be asked again. */
  readonly restsUntil: number;
  /** Bytes a second that have come from it, on average; null before anything has. */
  readonly speed: number | null;
}

export const unknownHealth: Health = { failures: 0, restsUntil: 0, speed: null };

const shortestRest = 1000;
const longestRest = 60_000;
/** A server may ask for more rest than we would give it, but not for ever. */
const longestWish = 300_000;

/** After a failure. `wish` is how long the server wants to be left alone, in ms (`Retry-After`), if it said so. */
export function afterFailure(health: Health, now: number, wish: number | null = null): Health {
  const failures = health.failures + 1;
  const rest = Math.min(longestRest, shortestRest * 2 ** Math.min(failures - 1, 10));
  return { ...health, failures, restsUntil: now + (wish === null ? rest : Math.min(longestWish, wish)) };
}

export function afterAnswer(health: Health): Health {
  return health.failures === 0 && health.restsUntil === 0 ? health : { ...health, failures: 0, restsUntil: 0 };
}

/** After `bytes` that took `duration` ms. Small ones say more of the way than of its width. */
export function afterTransfer(health: Health, bytes: number, duration: number): Health {
  if (bytes < 256 * 1024) return health;
  const speed = (bytes / Math.max(duration, 1)) * 1000;
  return { ...health, speed: health.speed === null ? speed : health.speed * 0.7 + speed * 0.3 };
}

export function isResting(health: Health, now: number): boolean {
  return now < health.restsUntil;
}

/** What `Retry-After` says, in ms from `now`; null for what cannot be read. */
export function readRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
