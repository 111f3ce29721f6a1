/** Running confine in a test, and reading what the kernel says of the command. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const confinePath = fileURLToPath(new URL('../build/confine', import.meta.url));

/** Who starts confine; nobody in particular when absent. */
export interface Starter {
  readonly uid: number;
  readonly gid: number;
}

export const isRoot = process.getuid?.() === 0;

export function confine(args: readonly string[], starter?: Starter): SpawnSyncReturns<string> {
  return spawnSync(confinePath, args, { encoding: 'latin1', ...starter });
}

/** The lines of /proc/self/status of a confined process. */
export function confinedStatus(args: readonly string[], starter?: Starter): Record<string, string> {
  const { stdout } = confine([...args, '--', 'cat', '/proc/self/status'], starter);
  const pairs = [...stdout.matchAll(/^(\w+):[\t ]*(.*?)[\t ]*$/gm)];
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}

/** The five sets of capabilities, each as this mask. */
export function sets(mask: number): Record<string, string> {
  const text = mask.toString(16).padStart(16, '0');
  return { CapInh: text, CapPrm: text, CapEff: text, CapBnd: text, CapAmb: text };
}
