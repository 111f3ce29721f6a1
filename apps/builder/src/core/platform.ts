/** Which systems this machine can build for, and what builders for them are to see. */
import { smallerSystem } from '@cooper/derivation';
import type { Machine } from './place.ts';

/** Systems whose builders may be shown a Linux 2.6. */
const withOldKernels: ReadonlySet<string> = new Set(['i686-linux', 'x86_64-linux']);

/** True when builders for `system` run here without emulation. */
export function runsNatively(system: string, machine: Machine): boolean {
  return system === machine.system || smallerSystem(machine.system) === system;
}

/** True when builders for `system` want to see a 32-bit machine. */
export function wants32Bits(system: string, machine: Machine): boolean {
  return smallerSystem(machine.system) === system || smallerSystem(machine.processor) === system;
}

/** True when builders for `system` can be shown an old kernel. */
export function mayImpersonateLinux26(system: string): boolean {
  return withOldKernels.has(system);
}

/**
 * True when the part of a system behind the first hyphen, its kernel, is that of this machine. Programs for another
 * kernel look like our own and would only crash; programs for another processor may run through binfmt_misc.
 */
export function sameKernel(system: string, machine: Machine): boolean {
  return kernelOf(system) === kernelOf(machine.system);
}

function kernelOf(system: string): string {
  const mark = system.indexOf('-');
  return mark < 0 ? system : system.slice(mark);
}

/** The system of a processor by Node's name for it, as Guix and Nix name it. */
export function systemOf(architecture: string): string {
  const names: Readonly<Record<string, string>> = {
    x64: 'x86_64',
    ia32: 'i686',
    arm64: 'aarch64',
    arm: 'armhf',
    ppc64: 'powerpc64le',
  };
  return `${names[architecture] ?? architecture}-linux`;
}
