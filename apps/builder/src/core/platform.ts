/** Which systems this machine can build for. */

/** Systems whose programs a processor runs besides its own, under a 32-bit personality. */
const smaller: Readonly<Record<string, string>> = { 'x86_64-linux': 'i686-linux', 'aarch64-linux': 'armhf-linux' };

/** True when builders for `system` run on a machine of system `machine` without emulation. */
export function runsNatively(system: string, machine: string): boolean {
  return system === machine || smaller[machine] === system;
}

/** True when builders for `system` want to see a 32-bit machine. */
export function wants32Bits(system: string, machine: string): boolean {
  return smaller[machine] === system;
}

/**
 * True when the part of a system behind the first hyphen, its kernel, is that of this machine. Programs for another
 * kernel look like our own and would only crash; programs for another processor may run through binfmt_misc.
 */
export function sameKernel(system: string, machine: string): boolean {
  return kernelOf(system) === kernelOf(machine);
}

function kernelOf(system: string): string {
  const mark = system.indexOf('-');
  return mark < 0 ? system : system.slice(mark);
}

/** The system of this machine, as Guix and Nix name it. */
export function systemOf(architecture: string): string {
  const names: Readonly<Record<string, string>> = { x64: 'x86_64', ia32: 'i686', arm64: 'aarch64', arm: 'armhf' };
  return `${names[architecture] ?? architecture}-linux`;
}
