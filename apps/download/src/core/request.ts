/** What a built-in builder is asked for: a file that cooper-builder writes into the directory of the build. */
import { Fault } from '@cooper/fault';
import { type Hash, parseHash } from '@cooper/hash';
import { readDatum, strings } from './datum.ts';

export const builtins = ['download', 'git-download', 'fetchurl'] as const;

export type Builtin = (typeof builtins)[number];

/** One download. `attributes` are the variables of the derivation. */
export interface DownloadRequest {
  readonly builtin: Builtin;
  readonly attributes: Readonly<Record<string, string>>;
  /** Where the result has to be made. */
  readonly output: string;
  /** What the result has to be, as the derivation says: the hash of a file, or of an archive. */
  readonly hash: Hash;
  readonly recursive: boolean;
  /** Say how far the download is, line by line, in the form that Guix's clients read. */
  readonly progress: boolean;
}

/**
 * The request in `text`, JSON. Throws the fault `invalid-request` when it is not what cooper-builder
 * writes, and `download-failed` for what no built-in builder does.
 */
export function parseRequest(text: string): DownloadRequest {
  const value = parseJson(text);
  const { builtin, attributes, output, hash, recursive, progress } = value;
  if (typeof builtin !== 'string' || typeof output !== 'string') throw invalid();
  if (typeof attributes !== 'object' || attributes === null) throw invalid();
  if (!isBuiltin(builtin)) throw new Fault('download-failed', `unsupported builtin function '${builtin}'`);
  // Without a hash nothing would say whether what came is what was meant.
  if (typeof hash !== 'string') throw new Fault('download-failed', `${outputName(output)} is no fixed output`);
  return {
    builtin,
    attributes: attributes as Record<string, string>,
    output,
    hash: parseHash(hash),
    recursive: recursive === true,
    progress: progress === true,
  };
}

function isBuiltin(name: string): name is Builtin {
  return (builtins as readonly string[]).includes(name);
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new Fault('invalid-request', 'the request is not JSON', {}, { cause });
  }
}

function invalid(): Fault {
  return new Fault('invalid-request', 'the request lacks a field');
}

/** The attribute `name`. Throws the fault `download-failed`, in the reference's words, when there is none. */
export function neededAttribute({ attributes }: DownloadRequest, name: string, words: string): string {
  const value = attributes[name];
  if (value === undefined) throw new Fault('download-failed', words);
  return value;
}

/** The URLs in an attribute of Guix: one in quotes, or a list of them. */
export function urlsIn(attribute: string): readonly string[] {
  return strings(readDatum(attribute));
}

/** The name of the item that is made: what follows the hash part of its path. */
export function outputName(output: string): string {
  return output.slice(output.lastIndexOf('/') + 1).replace(/^[0-9a-z]{32}-/, '');
}
