/** Capabilities by name: which of them a process has, by what /proc tells of it. */

/** The numbers of those that our processes may keep, from capability.h. */
const numbers: ReadonlyMap<string, number> = new Map([
  ['chown', 0],
  ['dac_override', 1],
  ['dac_read_search', 2],
  ['fowner', 3],
  ['setgid', 6],
  ['setuid', 7],
  ['sys_ptrace', 19],
]);

/**
 * Those of `names` that are in the permitted set. `status` is the text of /proc/PID/status (proc(5)). In a container, root
 * may lack some, and cannot keep what it does not have. A name that is not known is a bug of the table.
 */
export function heldAmong(names: readonly string[], status: string): readonly string[] {
  const permitted = BigInt(`0x${/^CapPrm:\t([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return names.filter((name) => {
    const number = numbers.get(name);
    if (number === undefined) throw new Error(`there is no number for the capability ${name}`);
    return (permitted >> BigInt(number)) & 1n;
  });
}
