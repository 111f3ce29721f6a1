/** What clients ask for: a derivation, some of its outputs, or a store path. */
import { Fault } from '@cooper/fault';
import { isDerivationPath, isStorePath, type StorePath } from '@cooper/store-path';

export interface Target {
  readonly path: StorePath;
  readonly kind: 'derivation' | 'path';
  /** Nil: all outputs. */
  readonly outputs: readonly string[] | null;
}

/** Reads `DERIVATION`, `DERIVATION!OUTPUT,…` or a store path. Throws the fault `invalid-target`. */
export function parseTarget(storeDir: string, text: string): Target {
  const mark = text.indexOf('!');
  const path = mark < 0 ? text : text.slice(0, mark);
  if (!isStorePath(storeDir, path)) {
    throw new Fault('invalid-target', `\`${path}' is not a store path below \`${storeDir}'`, { target: text });
  }
  if (!isDerivationPath(path)) return { path, kind: 'path', outputs: null };
  const outputs =
    mark < 0
      ? null
      : text
          .slice(mark + 1)
          .split(',')
          .filter((name) => name !== '');
  return { path, kind: 'derivation', outputs: outputs?.length === 0 ? null : outputs };
}
