/**
 * `exportReferencesGraph`: files in the directory of a build that say what refers to what in a closure. The attribute is
 * a list of pairs of a file name and a store path; the format of the files is that of `nix-store --register-validity`,
 * without hashes and derivers.
 */
import { fromText, toText } from '@cooper/byte-string';
import { attributeWords, type Derivation } from '@cooper/derivation';
import { Fault } from '@cooper/fault';
import { checkStoreName, isStorePath, type StorePath, toStorePath } from '@cooper/store-path';
import { isList, isObject, type Json, type JsonObject } from './attributes.ts';

/** One graph that a derivation asks for: the closure of `path`, to be written to `file`. */
export interface GraphWish {
  readonly file: string;
  readonly path: StorePath;
}

/** A member of a closure, and what it refers to. */
export interface GraphNode {
  readonly path: StorePath;
  readonly references: readonly StorePath[];
  readonly narHash: string;
  /** Bytes. */
  readonly narSize: number;
}

/** The graphs that `derivation` asks for. Throws the fault `input-rejected`, in the reference's words. */
export function wantedGraphs(derivation: Derivation, storeDir: string): readonly GraphWish[] {
  const attribute = toText(derivation.env.get(fromText('exportReferencesGraph')) ?? fromText(''));
  const tokens = attributeWords(attribute);
  if (tokens.length % 2 !== 0) reject(`odd number of tokens in \`exportReferencesGraph': \`${attribute}'`);
  const wishes: GraphWish[] = [];
  for (let index = 0; index < tokens.length; index += 2) {
    wishes.push(graphWish(`${tokens[index]}`, `${tokens[index + 1]}`, storeDir));
  }
  return wishes;
}

/**
 * The same of structured attributes, whose `exportReferencesGraph` is an object of lists of store paths: `file` is the name
 * of the attribute that the closure takes the place of.
 */
export function structuredGraphs(attributes: JsonObject, storeDir: string): readonly GraphWish[] {
  const { exportReferencesGraph: wanted } = attributes;
  if (!isObject(wanted)) return [];
  return Object.entries(wanted).flatMap(([name, paths]) =>
    (isList(paths) ? paths : [paths]).map((path) => ({ file: name, path: graphPath(path, storeDir) })),
  );
}

function graphWish(file: string, path: string, storeDir: string): GraphWish {
  // The name becomes that of a file: nothing in it may lead out of the directory of the build.
  checkStoreName(file);
  return { file, path: graphPath(path, storeDir) };
}

/** The store item that `path` is or lies in. */
function graphPath(path: Json, storeDir: string): StorePath {
  const problem = () => reject(`\`exportReferencesGraph' contains a non-store path \`${path}'`);
  if (typeof path !== 'string' || !path.startsWith(`${storeDir}/`)) return problem();
  const item = toStorePath(storeDir, path);
  return isStorePath(storeDir, item) ? item : problem();
}

/** What to say when the path of a graph is not valid. */
export function invalidGraphPath(path: StorePath): string {
  return `\`exportReferencesGraph' contains an invalid path \`${path}'`;
}

/** The contents of the file for a closure: for each path in byte order itself, no deriver, and its references. */
export function graphFile(nodes: readonly GraphNode[]): Uint8Array {
  const sorted = [...nodes].sort((a, b) => (a.path < b.path ? -1 : 1));
  const lines = sorted.flatMap(({ path, references }) => [
    path,
    '',
    String(references.length),
    ...[...references].sort(),
  ]);
  return Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
}

function reject(message: string): never {
  throw new Fault('input-rejected', message);
}
