/**
 * Arbitrary derivations for property tests: any bytes where any bytes may stand, names that trouble JavaScript, and
 * orders that are not sorted.
 */
import { type ByteString, compareBytes, fromBytes } from '@cooper/byte-string';
import type { Derivation, DerivationOutput } from '@cooper/derivation';
import { digestSize, hashAlgorithms } from '@cooper/hash';
import { parseStorePath, type StorePath } from '@cooper/store-path';
import fc from 'fast-check';

/** The store directory of all paths. */
export const arbitraryStoreDir = '/gnu/store';

const troublesome = ['__proto__', 'constructor', 'toString', '0', '10', '9', 'out', '-1', 'length'];
const digits = '0123456789abcdfghijklmnpqrsvwxyz';
const nameCharacters = 'abyzABYZ0189+-_?=.';

const bytes: fc.Arbitrary<ByteString> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map(fromBytes),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '\r', '\t', 'n', '\0', '\xff', '(', ','),
  }) as fc.Arbitrary<string>,
  fc.constantFrom(...troublesome),
) as fc.Arbitrary<ByteString>;

/** Names of store items and outputs. */
export const arbitraryName: fc.Arbitrary<string> = fc.oneof(
  fc
    .string({ unit: fc.constantFrom(...nameCharacters), minLength: 1, maxLength: 30 })
    .filter((name) => !name.startsWith('.')),
  fc.constantFrom(...troublesome),
);

/** Store paths whose names end with `suffix`. */
export function arbitraryStorePath(suffix = ''): fc.Arbitrary<StorePath> {
  const hashPart = fc.string({ unit: fc.constantFrom(...digits), minLength: 32, maxLength: 32 });
  return fc
    .tuple(hashPart, arbitraryName)
    .map(([hashPart, name]) => parseStorePath(arbitraryStoreDir, `${arbitraryStoreDir}/${hashPart}-${name}${suffix}`));
}

const fixedOutput: fc.Arbitrary<DerivationOutput> = fc
  .tuple(arbitraryStorePath(), fc.constantFrom('', 'r:'), fc.constantFrom(...hashAlgorithms), fc.nat(15))
  .map(([path, method, algorithm, digit]) => {
    const hash = digit.toString(16).repeat(digestSize(algorithm) * 2);
    return { path, hashAlgo: `${method}${algorithm}`, hash };
  });

const outputs: fc.Arbitrary<ReadonlyMap<string, DerivationOutput>> = fc.oneof(
  fixedOutput.map((output) => new Map([['out', output]])),
  fc
    .array(fc.tuple(arbitraryName, arbitraryStorePath()), { minLength: 1, maxLength: 5 })
    .map((entries) => new Map(entries.map(([name, path]) => [name, { path, hashAlgo: '', hash: '' }]))),
);

/** Derivations that keep all rules but those that need a hash to be computed: output paths are arbitrary. */
export const arbitraryDerivation: fc.Arbitrary<Derivation> = fc.record({
  outputs,
  inputDerivations: fc
    .array(fc.tuple(arbitraryStorePath('.drv'), fc.array(arbitraryName, { maxLength: 3 })), { maxLength: 4 })
    .map((entries) => new Map(entries)),
  inputSources: fc.array(arbitraryStorePath(), { maxLength: 4 }),
  system: bytes,
  builder: bytes,
  args: fc.array(bytes, { maxLength: 5 }),
  env: fc.array(fc.tuple(bytes, bytes), { maxLength: 6 }).map((entries) => new Map(entries)),
});

/** The same derivation in the order of its bytes and without duplicates, as it comes from the parser. */
export function inOrder(derivation: Derivation): Derivation {
  const { outputs, inputDerivations, inputSources, env } = derivation;
  return {
    ...derivation,
    outputs: sortedMap(outputs),
    inputDerivations: new Map([...sortedMap(inputDerivations)].map(([path, names]) => [path, sortedSet(names)])),
    inputSources: sortedSet(inputSources),
    env: sortedMap(env),
  };
}

function sortedMap<Key extends string, Value>(map: ReadonlyMap<Key, Value>): Map<Key, Value> {
  return new Map([...map].sort(([a], [b]) => compareBytes(a, b)));
}

function sortedSet<Text extends string>(texts: readonly Text[]): Text[] {
  return [...new Set(texts)].sort(compareBytes);
}
