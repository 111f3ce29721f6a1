/**
 * Hashes as text: base16, base32 and base64 digests, `ALGORITHM:DIGEST`, and the SRI form `ALGORITHM-BASE64`.
 *
 * Reading is strict: one text for each hash and form. Upper-case base16, base64 without its padding or with stray bits
 * in its last character, options behind an SRI hash and unknown algorithms are refused. (Nix 2.8 takes upper-case
 * base16, stray bits and options; no program writes them.)
 */
import { decodeBase32, encodeBase32 } from '@cooper/base32';
import { Fault, isFault } from '@cooper/fault';
import { digestSize, type HashAlgorithm, hashAlgorithms, isHashAlgorithm } from './algorithm.ts';
import type { Hash } from './hash.ts';

/** How a digest is written. `sri` carries the algorithm, the other three are bare. */
export type HashForm = DigestForm | 'sri';

type DigestForm = 'base16' | 'base32' | 'base64';

/** The digest in the form given, bare; in the form `sri`, with its algorithm: `sha256-…`. */
export function formatHash(hash: Hash, form: HashForm): string {
  return form === 'sri' ? `${hash.algorithm}-${encode(hash.digest, 'base64')}` : encode(hash.digest, form);
}

/** The hash as `ALGORITHM:DIGEST`, the form of databases, narinfos and fingerprints. */
export function formatPrefixedHash(hash: Hash, form: DigestForm): string {
  return `${hash.algorithm}:${encode(hash.digest, form)}`;
}

/**
 * The hash that `text` writes: `ALGORITHM:DIGEST` in any of the three bases (told apart by their lengths), SRI, or a
 * bare digest of `algorithm`. Where `algorithm` is given, a text that names another one is refused.
 * Throws a fault `invalid-hash`.
 */
export function parseHash(text: string, algorithm?: HashAlgorithm): Hash {
  const { name, digest, sri } = split(text);
  const actual = name === undefined ? algorithm : checkAlgorithm(text, name);
  if (actual === undefined) throw invalid(text, 'it names no algorithm');
  if (algorithm !== undefined && actual !== algorithm) throw invalid(text, `it is not a hash of ${algorithm}`);
  const form = formOfLength(actual, digest.length);
  if (form === undefined || (sri && form !== 'base64')) {
    throw invalid(text, `no digest of ${actual} has ${digest.length} characters${sri ? ' in base64' : ''}`);
  }
  const bytes = decode(text, digest, form);
  // Base64 of one or two bytes less has as many characters.
  if (bytes.length !== digestSize(actual)) throw invalid(text, `its digest has ${bytes.length} bytes`);
  return { algorithm: actual, digest: bytes };
}

interface HashText {
  readonly name?: string;
  readonly digest: string;
  readonly sri: boolean;
}

function split(text: string): HashText {
  const colon = text.indexOf(':');
  if (colon >= 0) return { name: text.slice(0, colon), digest: text.slice(colon + 1), sri: false };
  // Algorithms have hyphens in their names, base64 has none.
  const hyphen = text.lastIndexOf('-');
  if (hyphen >= 0) return { name: text.slice(0, hyphen), digest: text.slice(hyphen + 1), sri: true };
  return { digest: text, sri: false };
}

function checkAlgorithm(text: string, name: string): HashAlgorithm {
  if (isHashAlgorithm(name)) return name;
  throw invalid(text, `unknown hash algorithm (known: ${hashAlgorithms.join(', ')})`);
}

function formOfLength(algorithm: HashAlgorithm, length: number): DigestForm | undefined {
  const size = digestSize(algorithm);
  if (length === size * 2) return 'base16';
  if (length === Math.ceil((size * 8) / 5)) return 'base32';
  if (length === Math.ceil(size / 3) * 4) return 'base64';
  return undefined;
}

function encode(digest: Uint8Array, form: DigestForm): string {
  if (form === 'base32') return encodeBase32(digest);
  return Buffer.from(digest.buffer, digest.byteOffset, digest.length).toString(form === 'base16' ? 'hex' : 'base64');
}

function decode(text: string, digest: string, form: DigestForm): Uint8Array {
  try {
    const bytes = form === 'base32' ? decodeBase32(digest) : Buffer.from(digest, form === 'base16' ? 'hex' : 'base64');
    // Buffer skips what it cannot read; a text that is not what would be written holds such a thing.
    if (encode(bytes, form) === digest) return bytes;
  } catch (error) {
    if (!isFault(error, 'invalid-base32')) throw error;
  }
  throw invalid(text, `its digest is not well-formed ${form}`);
}

function invalid(text: string, reason: string): Fault {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return new Fault('invalid-hash', `invalid hash \`${shown}': ${reason}`, { text: shown, reason });
}
