/** Pressure as the kernel tells it: proc(5), `/proc/pressure`. */

/** The share of the last 10 s in which some process waited, in hundredths of a percent; nothing where it is not told. */
export function parsePressure(text: string): number | undefined {
  const share = /^some avg10=(\d+\.\d+) /m.exec(text)?.[1];
  return share === undefined ? undefined : Math.round(Number(share) * 100);
}
