/** The files that a build finds in its directory: which closures have to be read for them, then what they hold. */
import { fromText, toBytes } from '@cooper/byte-string';
import type { Job } from '@cooper/contracts';
import type { Derivation } from '@cooper/derivation';
import type { StorePath } from '@cooper/store-path';
import { type AttributeFile, passedFiles, structuredFiles } from './attribute-files.ts';
import type { Attributes, JsonObject } from './attributes.ts';
import { closureDescription } from './closure-description.ts';
import { type GraphNode, type GraphWish, graphFile, structuredGraphs, wantedGraphs } from './references-graph.ts';

/** What is needed to write the files, once the closures that `graphs` names are known. */
export interface FilePlan {
  readonly graphs: readonly GraphWish[];
  /** Files of variables that are given as such. */
  readonly passed: readonly AttributeFile[];
  readonly structured: { readonly attributes: JsonObject; readonly outputs: Derivation['outputs'] } | undefined;
}

/** A graph that was asked for, and the closure that is its answer. */
export interface KnownGraph extends GraphWish {
  readonly nodes: readonly GraphNode[];
}

/** Throws the fault `input-rejected` for wishes that nothing can fulfil. */
export function planFiles(derivation: Derivation, attributes: Attributes, storeDir: string): FilePlan {
  const { structured } = attributes;
  if (structured !== undefined) {
    const graphs = structuredGraphs(structured, storeDir);
    return { graphs, passed: [], structured: { attributes: structured, outputs: derivation.outputs } };
  }
  const passed = passedFiles(derivation.env, attributes.list('passAsFile'));
  return { graphs: wantedGraphs(derivation, storeDir), passed, structured: undefined };
}

/** The part of a job that says which files there are, and which variables hold their paths. */
export function jobFiles(plan: FilePlan, graphs: readonly KnownGraph[]): Pick<Job, 'files' | 'fileVariables'> {
  const { structured, passed } = plan;
  if (structured !== undefined) {
    return filesOf(structuredFiles(structured.attributes, structured.outputs, descriptions(graphs)));
  }
  const { files, fileVariables } = filesOf(passed);
  return {
    files: [...graphs.map(({ file, nodes }) => ({ name: file, contents: graphFile(nodes) })), ...files],
    fileVariables,
  };
}

function filesOf(files: readonly AttributeFile[]): Required<Pick<Job, 'files' | 'fileVariables'>> {
  return {
    files: files.map(({ name, contents }) => ({ name, contents })),
    fileVariables: files.map(({ variable, name }) => ({ name: toBytes(fromText(variable)), file: name })),
  };
}

/** By the attribute's name: what is in the closures that it wants, each path once. */
function descriptions(graphs: readonly KnownGraph[]): JsonObject {
  const nodes = new Map<string, Map<StorePath, GraphNode>>();
  for (const graph of graphs) {
    const known = nodes.get(graph.file) ?? new Map<StorePath, GraphNode>();
    for (const node of graph.nodes) known.set(node.path, node);
    nodes.set(graph.file, known);
  }
  return Object.fromEntries(Array.from(nodes, ([name, known]) => [name, closureDescription(known)]));
}
