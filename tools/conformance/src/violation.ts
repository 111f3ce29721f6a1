/** What an implementation does that its contract does not allow. */
export class Violation extends Error {}

/** Throws a violation that says `text`, unless `holds`. */
export function must(holds: boolean, text: string): asserts holds {
  if (!holds) throw new Violation(text);
}

/** True when two values are written the same: as lists and records of texts, numbers and nil. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A value for people, on one line and not too long. */
export function shown(value: unknown): string {
  const text =
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? `${inner}` : inner)) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
