/** The operations of Guix's worker protocol: their numbers, how recorded arguments become bytes, how replies are read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { integer, string, strings, type WireReader } from './wire.ts';

export interface Operation {
  readonly number: number;
  /** `folder` is where the files lie that arguments name. */
  readonly encode: (args: never, folder: string) => Buffer;
  readonly reply: (reader: WireReader) => Promise<unknown>;
}

type Pairs = readonly (readonly [string, string])[];

const modes = { normal: 0, repair: 1, check: 2 } as const;
const nothing = () => Buffer.alloc(0);
const onePath = ([path]: readonly [string]) => string(path);
const onePathList = ([paths]: readonly [readonly string[]]) => strings(paths);
const readInteger = (reader: WireReader) => reader.integer();
const readString = (reader: WireReader) => reader.string();
const readStrings = (reader: WireReader) => reader.strings();

function operation<A>(
  number: number,
  encode: (args: A, folder: string) => Buffer,
  reply: Operation['reply'],
): Operation {
  return { number, encode: encode as Operation['encode'], reply };
}

export const operations: Readonly<Record<string, Operation>> = {
  'valid-path?': operation(1, onePath, readInteger),
  'has-substitutes?': operation(3, onePath, readInteger),
  'query-path-hash': operation(4, onePath, readString),
  'query-references': operation(5, onePath, readStrings),
  'query-referrers': operation(6, onePath, readStrings),
  'add-to-store': operation(7, addToStore, readString),
  'add-text-to-store': operation(8, addTextToStore, readString),
  'build-things': operation(9, buildThings, readInteger),
  'ensure-path': operation(10, onePath, readInteger),
  'add-temp-root': operation(11, onePath, readInteger),
  'add-indirect-root': operation(12, onePath, readInteger),
  'sync-with-gc': operation(13, nothing, readInteger),
  'find-roots': operation(14, nothing, readPairs),
  'query-deriver': operation(18, onePath, readString),
  'set-options': operation(19, setOptions, async () => null),
  'query-derivation-outputs': operation(22, onePath, readStrings),
  'query-all-valid-paths': operation(23, nothing, readStrings),
  'query-failed-paths': operation(24, nothing, readStrings),
  'clear-failed-paths': operation(25, onePathList, readInteger),
  'query-path-info': operation(26, onePath, readPathInfo),
  'query-derivation-output-names': operation(28, onePath, readStrings),
  'query-path-from-hash-part': operation(29, onePath, readString),
  'query-valid-paths': operation(31, onePathList, readStrings),
  'query-substitutable-paths': operation(32, onePathList, readStrings),
  'query-valid-derivers': operation(33, onePath, readStrings),
  'optimize-store': operation(34, nothing, readInteger),
  'verify-store': operation(35, verifyStore, readInteger),
  'built-in-builders': operation(80, nothing, readStrings),
  'substitute-urls': operation(81, nothing, readStrings),
};

interface AddToStore {
  readonly name: string;
  readonly recursive: boolean;
  readonly 'hash-algo': string;
  readonly nar: string;
}

function addToStore(args: AddToStore, folder: string): Buffer {
  const bytes = readFileSync(join(folder, args.nar));
  const nar = args.nar.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes;
  return Buffer.concat([
    string(args.name),
    integer(1),
    integer(args.recursive ? 1 : 0),
    string(args['hash-algo']),
    nar,
  ]);
}

interface AddText {
  readonly name: string;
  readonly refs?: readonly string[];
  readonly references?: readonly string[];
  readonly file: string;
}

function addTextToStore({ name, refs, references, file }: AddText, folder: string): Buffer {
  return Buffer.concat([string(name), string(readFileSync(join(folder, file))), strings(refs ?? references ?? [])]);
}

interface BuildThings {
  readonly targets: readonly string[];
  readonly mode?: keyof typeof modes;
}

function buildThings({ targets, mode }: BuildThings): Buffer {
  return Buffer.concat([strings(targets), integer(modes[mode ?? 'normal'])]);
}

function verifyStore(args: Readonly<Record<'check-contents' | 'repair', number>>): Buffer {
  return Buffer.concat([integer(args['check-contents']), integer(args.repair)]);
}

/** As a client of protocol 0x164 sends them: in this order, then pairs. */
function setOptions(args: Readonly<Record<string, number>> & { readonly pairs: Pairs }): Buffer {
  const order = ['keep-failed', 'keep-going', 'fallback', 'verbosity', 'use-build-hook', 'build-verbosity', 'log-type'];
  const numbers = [...order, 'print-build-trace', 'use-substitutes'].map((name) => integer(args[name] ?? 0));
  const pairs = args.pairs.flatMap(([name, value]) => [string(name), string(value)]);
  return Buffer.concat([...numbers, integer(args.pairs.length), ...pairs]);
}

async function readPairs(reader: WireReader): Promise<[string, string][]> {
  const pairs: [string, string][] = [];
  for (let left = await reader.integer(); left > 0; left--) pairs.push([await reader.string(), await reader.string()]);
  return pairs;
}

async function readPathInfo(reader: WireReader): Promise<unknown> {
  return {
    deriver: await reader.string(),
    hash: await reader.string(),
    references: await reader.strings(),
    'registration-time': await reader.integer(),
    'nar-size': await reader.integer(),
  };
}
