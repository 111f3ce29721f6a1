/** Random derivations, what builds of them do, and what caches have of their outputs. */
import { fromText } from '@cooper/byte-string';
import type { SubstituteInfo } from '@cooper/contracts';
import { printDerivation } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import { pathOf, storeDir } from './trace-derivation.ts';

export { storeDir };

/** Numbers from 0 (inclusive) to `below`, always the same for the same seed. */
export type Dice = (below: number) => number;

/** mulberry32 */
export function dice(seed: number): Dice {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

export interface SimulatedDerivation {
  readonly path: StorePath;
  readonly contents: Uint8Array;
  readonly outputs: ReadonlyMap<string, StorePath>;
  readonly inputs: readonly StorePath[];
  /** Whether a build of it succeeds. */
  readonly isGood: boolean;
}

export interface SimulatedGraph {
  readonly derivations: ReadonlyMap<StorePath, SimulatedDerivation>;
  /** What caches offer. */
  readonly offers: ReadonlyMap<StorePath, SubstituteInfo>;
  /** What of that cannot be fetched after all. */
  readonly broken: ReadonlySet<StorePath>;
  /** Whether agents take every job, and see it through. */
  readonly isSteady?: boolean;
}

/** A graph of `size` derivations, each of which uses outputs of some of those before it: of one in `sparseness`. */
export function randomGraph(roll: Dice, size: number, sparseness = 3): SimulatedGraph {
  const derivations = new Map<StorePath, SimulatedDerivation>();
  const offers = new Map<StorePath, SubstituteInfo>();
  const broken = new Set<StorePath>();
  for (let index = 0; index < size; index++) {
    const derivation = randomDerivation(roll, index, before(roll, derivations, sparseness));
    derivations.set(derivation.path, derivation);
    for (const output of derivation.outputs.values()) {
      if (roll(2) === 0) offers.set(output, offer(output, randomReferences(roll, derivation)));
      if (roll(5) === 0) broken.add(output);
    }
  }
  return { derivations, offers, broken };
}

function before(roll: Dice, derivations: ReadonlyMap<StorePath, SimulatedDerivation>, sparseness: number) {
  return [...derivations.values()].filter(() => roll(sparseness) === 0);
}

function randomDerivation(roll: Dice, index: number, used: readonly SimulatedDerivation[]): SimulatedDerivation {
  const names = roll(3) === 0 ? ['lib', 'out'] : ['out'];
  const outputs = new Map(names.map((name) => [name, pathOf(name === 'out' ? `p${index}` : `p${index}-${name}`)]));
  const wanted = new Map(
    used
      .map((other) => [other.path, [...other.outputs.keys()].slice(roll(other.outputs.size))] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const contents = printDerivation({
    outputs: new Map(Array.from(outputs, ([name, path]) => [name, { path, hashAlgo: '', hash: '' }])),
    inputDerivations: wanted,
    inputSources: [],
    system: fromText('x86_64-linux'),
    builder: fromText('/bin/sh'),
    args: [],
    env: new Map(),
  });
  const inputs = used.flatMap((other) =>
    (wanted.get(other.path) ?? []).map((name) => other.outputs.get(name) as StorePath),
  );
  return { path: pathOf(`p${index}.drv`), contents, outputs, inputs, isGood: roll(8) > 0 };
}

/** Runtime references are to inputs, to siblings, and to itself. */
function randomReferences(roll: Dice, { inputs, outputs }: SimulatedDerivation): readonly StorePath[] {
  return [...inputs, ...outputs.values()].filter(() => roll(3) === 0);
}

function offer(path: StorePath, references: readonly StorePath[]): SubstituteInfo {
  return {
    path,
    deriver: null,
    references: references.toSorted(),
    downloadSize: 1,
    narHash: `sha256:${'0'.repeat(64)}`,
    narSize: 1,
    narinfo: new Uint8Array(),
    url: 'http://cache',
  };
}
