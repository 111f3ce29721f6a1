/** What both sides are given to do: graphs of derivations whose builders are trivial, by shape. */

/** One derivation: a shell command, and the derivations before it in the list that it needs. */
export interface Node {
  readonly name: string;
  readonly command: string;
  readonly inputs: readonly number[];
}

export interface Workload {
  readonly nodes: readonly Node[];
  /** What is asked for: places in the list. */
  readonly targets: readonly number[];
}

/** A word that no other workload has, so that nothing is there already. */
let workloads = 0;
const run = process.pid;

/** One build that does `command`. */
export function single(command: string): Workload {
  return { nodes: [{ name: `s${nextTag()}`, command, inputs: [] }], targets: [0] };
}

/** `count` builds that need nothing of each other. */
export function independent(count: number): Workload {
  const tag = nextTag();
  const nodes = Array.from({ length: count }, (_, index) => ({
    name: `i${tag}-${index}`,
    command: 'echo > $out',
    inputs: [],
  }));
  return { nodes, targets: nodes.map((_, index) => index) };
}

/** `count` builds, each of which needs the one before. */
export function chain(count: number): Workload {
  const tag = nextTag();
  const nodes = Array.from({ length: count }, (_, index) => ({
    name: `c${tag}-${index}`,
    command: 'echo > $out',
    inputs: index === 0 ? [] : [index - 1],
  }));
  return { nodes, targets: [count - 1] };
}

/** One more, which needs all of `workload`. */
export function onTopOf({ nodes }: Workload): Workload {
  const top = { name: `t${nextTag()}`, command: 'echo > $out', inputs: nodes.map((_, index) => index) };
  return { nodes: [...nodes, top], targets: [nodes.length] };
}

/** `count` derivations, each of which needs up to `fan` of those before it; all of them are needed by the last. */
export function graph(count: number, fan: number): Workload {
  const tag = nextTag();
  const random = generator(count * 31 + fan);
  const nodes = Array.from({ length: count }, (_, index) => ({
    name: `g${tag}-${index}`,
    command: 'echo > $out',
    inputs: inputsOf(index, fan, random),
  }));
  return { nodes, targets: [count - 1] };
}

/** The one before, so that all hang together, and others at random. */
function inputsOf(index: number, fan: number, random: (below: number) => number): readonly number[] {
  const inputs = new Set<number>();
  if (index > 0) inputs.add(index - 1);
  while (inputs.size < Math.min(fan, index)) inputs.add(random(index));
  return [...inputs].sort((a, b) => a - b);
}

function nextTag(): string {
  return `${run}-${++workloads}`;
}

/** The same numbers in every run: xorshift, 32 bits. */
function generator(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
