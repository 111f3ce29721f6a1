/** The environment of a build, as the reference makes it, but for the directory of the build, which the agent knows. */
import { type ByteString, fromText, toBytes } from '@cooper/byte-string';
import { type Derivation, isFixedOutput } from '@cooper/derivation';
import type { Attributes } from './attributes.ts';
import type { EngineSettings } from './engine.ts';

/** The variables that hold the directory of the build. */
const directoryVariables = ['NIX_BUILD_TOP', 'TMPDIR', 'TEMPDIR', 'TMP', 'TEMP', 'PWD'];

export interface Environment {
  readonly environment: readonly { readonly name: Uint8Array; readonly value: Uint8Array }[];
  readonly directoryVariables: readonly string[];
}

export interface EnvironmentRequest {
  readonly derivation: Derivation;
  readonly attributes: Attributes;
  readonly cores: number;
  readonly settings: EngineSettings;
}

/**
 * What the reference sets in `startBuilder`, in its order: dummies for PATH and HOME, so that no shell makes up its own;
 * where the store is; the number of cores; the derivation's own variables, which may replace those; the directory of the
 * build, which nothing replaces; and, for fixed outputs only, what `impureEnvVars` names from the environment outside.
 * Variables that the build finds in files instead (`passAsFile`, structured attributes) are left out.
 */
export function makeEnvironment({ derivation, attributes, cores, settings }: EnvironmentRequest): Environment {
  const variables = new Map<ByteString, ByteString>([
    [fromText('PATH'), fromText('/path-not-set')],
    [fromText('HOME'), fromText('/homeless-shelter')],
    [fromText('NIX_STORE'), fromText(settings.storeDir)],
    [fromText('NIX_BUILD_CORES'), fromText(String(cores))],
  ]);
  for (const [name, value] of ownVariables(derivation, attributes)) variables.set(name, value);
  for (const name of directoryVariables) variables.delete(fromText(name));
  const impure = impureVariables(derivation, attributes, settings.impureEnvironment);
  for (const [name, value] of impure) variables.set(name, value);
  return {
    environment: Array.from(variables, ([name, value]) => ({ name: toBytes(name), value: toBytes(value) })),
    directoryVariables: directoryVariables.filter((name) => !impure.has(fromText(name))),
  };
}

function ownVariables({ env }: Derivation, attributes: Attributes): Iterable<[ByteString, ByteString]> {
  if (attributes.structured !== undefined) return [];
  const inFiles = new Set(attributes.list('passAsFile').map(fromText));
  return inFiles.size === 0 ? env : [...env].filter(([name]) => !inFiles.has(name));
}

/** Only the contents of a fixed output are known beforehand, so only its builder may see what differs between machines. */
function impureVariables(
  derivation: Derivation,
  attributes: Attributes,
  outside: ReadonlyMap<string, string>,
): ReadonlyMap<ByteString, ByteString> {
  const wanted = new Map<ByteString, ByteString>();
  if (!isFixedOutput(derivation)) return wanted;
  for (const name of attributes.list('impureEnvVars')) wanted.set(fromText(name), fromText(outside.get(name) ?? ''));
  return wanted;
}
