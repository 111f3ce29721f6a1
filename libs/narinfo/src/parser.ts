/**
 * Reads narinfos as Guix and Nix write them. Strict where the two disagree about the meaning: a field that may be there
 * once is there once (Guix takes the first, Nix the last), and sizes are decimal numbers.
 *
 * Where there is a `Signature:`, fields below it count only if they say where to get the archive; all others there are
 * passed over, even if the field is missing above.
 */
import { type ByteString, toText } from '@cooper/byte-string';
import { isFault } from '@cooper/fault';
import { type Hash, parseHash } from '@cooper/hash';
import { parseStorePath, type StorePath } from '@cooper/store-path';
import { type Field, invalid, readFields } from './fields.ts';
import { readNarFiles } from './nar-files.ts';
import type { GuixSignature, Narinfo, NixSignature } from './narinfo.ts';
import { readNarSize } from './size.ts';

/** The narinfo that `bytes` are, for a store at `storeDir`. Throws a fault `invalid-narinfo`. */
export function parseNarinfo(storeDir: string, bytes: Uint8Array): Narinfo {
  const fields = readFields(bytes);
  const signature = fields.find(({ name }) => name === 'Signature');
  const guixSignature = signature && readGuixSignature(bytes, signature);
  const counting = fields.filter(({ offset }) => signature === undefined || offset < signature.offset);
  const only = (name: string) => onlyField(counting, name);
  const [system, contentAddress] = [only('System'), only('CA')];
  return {
    path: storePathOf(storeDir, required('StorePath', only('StorePath'))),
    narHash: readNarHash(required('NarHash', only('NarHash'))),
    narSize: safe(readNarSize(required('NarSize', only('NarSize')))),
    references: readReferences(storeDir, required('References', only('References'))),
    deriver: readDeriver(storeDir, only('Deriver')),
    ...(system === undefined ? {} : { system }),
    ...(contentAddress === undefined ? {} : { contentAddress }),
    files: readNarFiles(fields),
    ...(guixSignature === undefined ? {} : { guixSignature }),
    nixSignatures: fields.filter(({ name }) => name === 'Sig').flatMap(({ value }) => readNixSignature(value)),
  };
}

/** The size of the archive, as `bytes`, which are a narinfo, say it. */
export function exactNarSize(bytes: Uint8Array): bigint {
  return readNarSize(readFields(bytes).find(({ name }) => name === 'NarSize')?.value ?? '');
}

function safe(size: bigint): number {
  return Math.min(Number(size), Number.MAX_SAFE_INTEGER);
}

function onlyField(fields: readonly Field[], name: string): string | undefined {
  const [first, second] = fields.filter((field) => field.name === name);
  if (second !== undefined) throw invalid(`${name} is there more than once`);
  return first?.value;
}

function required(name: string, value: string | undefined): string {
  if (value === undefined) throw invalid(`${name} is missing, or not signed`);
  return value;
}

function storePathOf(storeDir: string, text: string): StorePath {
  try {
    return parseStorePath(storeDir, text);
  } catch (error) {
    if (isFault(error, 'invalid-store-path')) throw invalid(error.message, { cause: error });
    throw error;
  }
}

function readNarHash(text: string): Hash {
  try {
    // A bare digest is refused: the text names its algorithm, and it is this one.
    const hash = parseHash(text);
    if (hash.algorithm === 'sha256') return hash;
  } catch (error) {
    if (!isFault(error, 'invalid-hash')) throw error;
  }
  throw invalid('NarHash is no hash of sha256');
}

function readReferences(storeDir: string, text: string): readonly StorePath[] {
  const names = new Set(text === '' ? [] : text.split(' '));
  return [...names].sort().map((name) => storePathOf(storeDir, `${storeDir}/${name}`));
}

function readDeriver(storeDir: string, text: string | undefined): StorePath | null {
  if (text === undefined || text === '' || text === 'unknown-deriver') return null;
  return storePathOf(storeDir, `${storeDir}/${text}`);
}

function readGuixSignature(bytes: Uint8Array, { value, offset }: Field): GuixSignature {
  const [version, host, base64, ...rest] = value.split(';');
  if (host === undefined || base64 === undefined || rest.length > 0) throw invalid('Signature is malformed');
  if (version !== '1') throw invalid(`Signature is of version ${version?.slice(0, 20)}, not 1`);
  const expression = decodeBase64(base64);
  if (expression === undefined) throw invalid('Signature is not base64');
  return { host: toText(host as ByteString), signed: bytes.slice(0, offset), expression };
}

function readNixSignature(text: string): readonly NixSignature[] {
  const colon = text.indexOf(':');
  const signature = colon > 0 ? decodeBase64(text.slice(colon + 1)) : undefined;
  return signature?.length === 64 ? [{ keyName: text.slice(0, colon), signature }] : [];
}

function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
