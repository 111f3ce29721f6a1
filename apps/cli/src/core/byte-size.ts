/** Sizes for people, and sizes that people type. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `bytes` in the unit that fits, with one digit behind the point: `1.5 MiB`. */
export function formatSize(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** The bytes that `10G`, `1.5MiB`, `500MB` or `4096` mean, as in Guix: `K` is 1024, `KB` is 1000. Nothing for other texts. */
export function parseSize(text: string): number | undefined {
  const [, number, letter = '', rest] = /^(\d+(?:\.\d+)?)([KMGT]?)(iB|B)?$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  if (letter === '') return rest === undefined ? Math.round(Number(number)) : undefined;
  const base = rest === 'B' ? 1000 : 1024;
  return Math.round(Number(number) * base ** ('KMGT'.indexOf(letter) + 1));
}
