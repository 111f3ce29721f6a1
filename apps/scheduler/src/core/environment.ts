/** The environment of a build, as the reference makes it, but for the directory of the build, which the agent knows. */
import { type ByteString, fromText, toBytes } from '@cooper/byte-string';
import { type Derivation, isFixedOutput } from '@cooper/derivation';
import type { EngineSettings } from './engine.ts';

/** The variables that hold the directory of the build. */
const directoryVariables = ['NIX_BUILD_TOP', 'TMPDIR', 'TEMPDIR', 'TMP', 'TEMP', 'PWD'];

export interface Environment {
  readonly environment: readonly { readonly name: Uint8Array; readonly value: Uint8Array }[];
  readonly directoryVariables: readonly string[];
}

/**
 * What the reference sets in `startBuilder`, in its order: dummies for PATH and HOME, so that no shell makes up its own;
 * where the store is; the number of cores; the derivation's own variables, which may replace those; the directory of the
 * build, which nothing replaces; and, for fixed outputs only, what `impureEnvVars` names from the environment outside.
 */
export function makeEnvironment(derivation: Derivation, cores: number, settings: EngineSettings): Environment {
  const variables = new Map<ByteString, ByteString>([
    [fromText('PATH'), fromText('/path-not-set')],
    [fromText('HOME'), fromText('/homeless-shelter')],
    [fromText('NIX_STORE'), fromText(settings.storeDir)],
    [fromText('NIX_BUILD_CORES'), fromText(String(cores))],
  ]);
  for (const [name, value] of derivation.env) variables.set(name, value);
  for (const name of directoryVariables) variables.delete(fromText(name));
  const impure = impureVariables(derivation, settings.impureEnvironment);
  for (const [name, value] of impure) variables.set(name, value);
  return {
    environment: Array.from(variables, ([name, value]) => ({ name: toBytes(name), value: toBytes(value) })),
    directoryVariables: directoryVariables.filter((name) => !impure.has(fromText(name))),
  };
}

/** Only the contents of a fixed output are known beforehand, so only its builder may see what differs between machines. */
function impureVariables(
  derivation: Derivation,
  outside: ReadonlyMap<string, string>,
): ReadonlyMap<ByteString, ByteString> {
  const wanted = new Map<ByteString, ByteString>();
  if (!isFixedOutput(derivation)) return wanted;
  for (const name of words(derivation.env.get(fromText('impureEnvVars')) ?? '')) {
    wanted.set(name as ByteString, fromText(outside.get(name) ?? ''));
  }
  return wanted;
}

/** The words of a list attribute: separated by spaces, tabs and line feeds, as the reference cuts them. */
export function words(text: string): readonly string[] {
  return text.split(/[ \t\n\r]+/).filter((word) => word !== '');
}
