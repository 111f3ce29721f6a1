/**
 * Derivations that do not come in as texts: whatever is to be valid under a name that ends in `.drv` must be one, and a
 * right one, for its outputs are registered with it.
 */
import { isDerivationPath } from '@cooper/store-path';
import type { NewPath } from './registrar.ts';
import type { Location } from './store-directory.ts';
import type { World } from './world.ts';

/** `info`, with the outputs of the derivation that lies at `staged` if its name says that it is one. */
export function withOutputs({ derivations }: World, info: NewPath, staged: Location): NewPath {
  if (!isDerivationPath(info.path)) return info;
  const derivation = derivations.parse(info.path, derivations.contentsAt(staged, info.path));
  derivations.check(info.path, derivation, { references: info.references, fresh: new Map() });
  return { ...info, outputs: derivation.outputs };
}
