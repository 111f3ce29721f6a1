/** How long what a cache said of a path may be believed, in ms: as it says itself, within reason. */

const second = 1000;
const hour = 3600 * second;

/** Where the cache does not say: the reference's figures for what is there, and less for what is not. */
const unsaid = { found: 36 * hour, missing: hour } as const;

/** What is signed stays true, and where it is may change; what is missing may be there tomorrow. */
const longest = { found: 30 * 24 * hour, missing: 24 * hour } as const;

/** The lifetime of an answer with this `Cache-Control` (null: none); 0 when it is not to be kept. */
export function lifetimeOf(answer: 'found' | 'missing', cacheControl: string | null): number {
  const directives = (cacheControl ?? '')
    .toLowerCase()
    .split(',')
    .map((word) => word.trim());
  if (directives.some((word) => word === 'no-store' || word === 'no-cache')) return 0;
  const age = directives
    .map((word) => /^max-age="?(\d{1,12})"?$/.exec(word)?.[1])
    .find((digits) => digits !== undefined);
  return age === undefined ? unsaid[answer] : Math.min(Number(age) * second, longest[answer]);
}
