/** Derivations from the JSON of people: what `derivation show` prints, or what was made of it. */
import type { TextItem } from '@cooper/contracts';
import { type Derivation, derivationName, derivationReferences, fromJson, printDerivation } from '@cooper/derivation';
import { Fault } from '@cooper/fault';
import { isDerivationPath, parseStorePath, type StorePath } from '@cooper/store-path';

/**
 * The derivations in `json`, an object with each under its path, as texts for the store: inputs before what needs them.
 * Of a path only the name counts, since the rest follows from the derivation. Throws faults `invalid-json`,
 * `invalid-store-path` and those of `fromJson`.
 */
export function readDerivations(json: string, storeDir: string): TextItem[] {
  const derivations = new Map(
    Object.entries(parseObject(json)).map(([key, value]) => {
      const path = parseDerivationPath(storeDir, key);
      return [path, fromJson(value, { storeDir, path })] as const;
    }),
  );
  return inputsFirst(derivations).map(([path, derivation]) => ({
    name: `${derivationName(path)}.drv`,
    contents: printDerivation(derivation),
    references: derivationReferences(derivation),
  }));
}

function parseDerivationPath(storeDir: string, text: string): StorePath {
  const path = parseStorePath(storeDir, text);
  if (isDerivationPath(path)) return path;
  throw new Fault('invalid-json', `\`${path}' does not end in .drv, as the path of a derivation does`, { path });
}

function parseObject(json: string): object {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new Fault('invalid-json', `standard input is not JSON: ${(error as Error).message}`, {}, { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Fault('invalid-json', 'standard input is not a JSON object with a derivation under each path');
}

type Entry = readonly [StorePath, Derivation];

/** Deep graphs need no deep stack: each derivation is met on the way down, and taken on the way up. */
function inputsFirst(derivations: ReadonlyMap<StorePath, Derivation>): Entry[] {
  const ordered = new Map<StorePath, Derivation>();
  const entered = new Set<StorePath>();
  const stack = [...derivations.keys()].reverse();
  for (let path = stack.at(-1); path !== undefined; path = stack.at(-1)) {
    const derivation = derivations.get(path);
    if (derivation !== undefined && !entered.has(path)) {
      entered.add(path);
      for (const input of derivation.inputDerivations.keys()) if (!entered.has(input)) stack.push(input);
      continue;
    }
    stack.pop();
    if (derivation !== undefined) ordered.set(path, derivation);
  }
  return [...ordered];
}
