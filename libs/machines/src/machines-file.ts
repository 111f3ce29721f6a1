/** The file of machines: JSON, or the lines that Nix has in its `machines`. Every error names the file and the place. */
import { check, type Schema, type Static } from '@cooper/contracts';
import { Fault, isFault } from '@cooper/fault';
import { completeMachine, type LocalMachine, type Machine, type Machines, machinesDocument } from './machine.ts';
import { parseNixMachines } from './nix-machines.ts';

export interface FileFacts {
  /** Where it lies: for errors. */
  readonly file: string;
  /** The system of this machine, for entries that name none. */
  readonly system: string;
}

/** Reads the text of the file. Throws the fault `invalid-machines`. */
export function parseMachines(contents: string, facts: FileFacts): Machines {
  const read = contents.trimStart().startsWith('{') ? parseJson(contents, facts) : parseLines(contents, facts);
  const names = new Set<string>();
  for (const { name } of read.machines) {
    if (names.has(name)) refuse(facts.file, `two machines are called \`${name}'`);
    names.add(name);
  }
  return read;
}

function parseJson(contents: string, { file, system }: FileFacts): Machines {
  const document = checked(machinesDocument, jsonValue(contents, file), file);
  return {
    machines: document.machines.map((entry) => completeMachine(entry, system)),
    local: document.local === undefined ? null : localMachine(document.local),
  };
}

function localMachine(entry: Partial<LocalMachine>): LocalMachine {
  return { speed: 1, overloadThreshold: 0.8, ...entry };
}

function parseLines(contents: string, { file, system }: FileFacts): Machines {
  const machines: Machine[] = parseNixMachines(contents, (place, what) => refuse(file, `${place}: ${what}`)).map(
    ({ line, entry }) => {
      const { machines: [only] = [] } = checked(machinesDocument, { machines: [entry] }, `${file}: line ${line}`);
      return completeMachine(only as NonNullable<typeof only>, system);
    },
  );
  return { machines, local: null };
}

function jsonValue(contents: string, file: string): unknown {
  try {
    return JSON.parse(contents);
  } catch (error) {
    return refuse(file, (error as Error).message);
  }
}

/** A name that is misspelt must not be ignored: what the schema does not know is refused. */
function checked<S extends Schema>(schema: S, value: unknown, file: string): Static<S> {
  try {
    const found = check(schema, value, '') as Static<S>;
    const unknown = unknownField(schema, value, '');
    if (unknown !== undefined) refuse(file, `there is no setting \`${unknown}'`);
    return found;
  } catch (error) {
    if (isFault(error, 'invalid-request')) refuse(file, error.message);
    throw error;
  }
}

function unknownField({ node }: Schema, value: unknown, place: string): string | undefined {
  if (node.kind === 'list') {
    return firstOf(value as unknown[], (item, index) => unknownField(node.of, item, `${place}[${index}]`));
  }
  if (node.kind !== 'record') return undefined;
  return firstOf(Object.entries(value as object), ([name, field]) => {
    const inner = place === '' ? name : `${place}.${name}`;
    const known = node.fields.get(name);
    return known === undefined ? inner : unknownField(known.schema, field, inner);
  });
}

function firstOf<T>(items: readonly T[], find: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refuse(file: string, what: string): never {
  throw new Fault('invalid-machines', `${file}: ${what}`, { file });
}
