/** Systems that the processor of another one runs as well. */

const smaller: Readonly<Record<string, string>> = { 'x86_64-linux': 'i686-linux', 'aarch64-linux': 'armhf-linux' };

/** The system whose programs a processor of `system` runs besides its own, under a 32-bit personality, if there is one. */
export function smallerSystem(system: string): string | undefined {
  return smaller[system];
}
