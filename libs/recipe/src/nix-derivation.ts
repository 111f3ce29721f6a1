/** `nixDerivation()`: derivations in the way of the Nix language, for recipes that must give the same paths. */
import { callerSite } from './call-site.ts';
import { type DerivationOptions, makeDerivation } from './derivation.ts';
import type { DerivationWith } from './recipe-derivation.ts';
import type { Value } from './value.ts';

/** The attributes that `derivation` of the Nix language takes: those it knows, and any others. */
export interface NixAttributes<Outputs extends string = 'out'> {
  readonly name: string;
  readonly system: string;
  readonly builder: Value;
  readonly args?: readonly Value[];
  readonly outputs?: readonly Outputs[];
  readonly outputHash?: string;
  readonly outputHashAlgo?: string | null;
  readonly outputHashMode?: 'flat' | 'recursive';
  readonly [attribute: string]: Value | undefined;
}

/**
 * Describes the build that `derivation attributes` describes in the Nix language: every attribute but `args` becomes a
 * variable of the environment, too. `__ignoreNulls` leaves out those that are null; `__structuredAttrs` is not supported.
 * Throws as `derivation` does.
 */
export function nixDerivation<const Outputs extends string = 'out'>(
  attributes: NixAttributes<Outputs>,
): DerivationWith<Outputs> {
  const { args, outputs, __ignoreNulls: ignoreNulls, ...rest } = attributes;
  const env = Object.entries({ ...rest, ...(outputs && { outputs }) }).filter(
    ([, value]) => value !== undefined && !(ignoreNulls === true && value === null),
  );
  const { name, system, builder, outputHash, outputHashAlgo, outputHashMode } = attributes;
  const options = { name, system, builder, args, outputs, outputHash, outputHashMode };
  const algorithm = outputHashAlgo === null ? undefined : outputHashAlgo;
  const all = { ...options, outputHashAlgo: algorithm, env: Object.fromEntries(env) } as DerivationOptions<Outputs>;
  return makeDerivation(all, callerSite()) as DerivationWith<Outputs>;
}
