/** RSA signatures of digests made by SHA-256, padded as PKCS #1 version 1.5 has it (RFC 8017, 8.2), by node:crypto. */
import { constants, createPrivateKey, createPublicKey, privateEncrypt, publicDecrypt } from 'node:crypto';
import { modulo, toNumberBytes } from './modular-arithmetic.ts';

/** Modulus and public exponent. */
export interface RsaKey {
  readonly n: bigint;
  readonly e: bigint;
}

/** With the secret exponent, the primes, and `u`, the inverse of p modulo q. */
export interface RsaSecret extends RsaKey {
  readonly d: bigint;
  readonly p: bigint;
  readonly q: bigint;
  readonly u: bigint;
}

/** What stands before a digest of SHA-256: the DER beginning of its `DigestInfo`. */
const digestPrefix = Buffer.from('3031300d060960864801650304020105000420', 'hex');
const largestModulus = 16384n;

/** True when node:crypto can be trusted to take the key: a modulus of 512 to 16,384 bits and a small odd exponent. */
export function isUsable({ n, e }: RsaKey): boolean {
  return n >> 511n > 0n && n >> largestModulus === 0n && e >= 3n && e % 2n === 1n && e < 2n ** 32n;
}

/** Signs a digest; as many bytes as the modulus has. */
export function signRsa({ n, e, d, p, q, u }: RsaSecret, digest: Uint8Array): Uint8Array {
  // What libgcrypt calls p and q are q and p to everyone else, who wants the inverse of q modulo p.
  const [first, second] = [q, p];
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'RSA',
      ...encode({ n, e, d, p: first, q: second, qi: u }),
      ...encode({ dp: modulo(d, first - 1n), dq: modulo(d, second - 1n) }),
    },
  });
  return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.concat([digestPrefix, digest]));
}

/** Whether `signature` is one of the digest by the owner of the key. */
export function verifyRsa(rsa: RsaKey, digest: Uint8Array, signature: Uint8Array): boolean {
  const size = Math.ceil(rsa.n.toString(16).length / 2);
  if (!isUsable(rsa) || signature.length > size) return false;
  const key = createPublicKey({ format: 'jwk', key: { kty: 'RSA', ...encode({ n: rsa.n, e: rsa.e }) } });
  const padded = Buffer.concat([Buffer.alloc(size - signature.length), signature]);
  // The whole block is compared, so that no leniency in reading it can be made use of.
  return openBlock(key, padded)?.equals(expectedBlock(size, digest)) ?? false;
}

function openBlock(key: ReturnType<typeof createPublicKey>, signature: Buffer): Buffer | undefined {
  try {
    return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  } catch (error) {
    // A number that is not less than the modulus is no signature.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

function expectedBlock(size: number, digest: Uint8Array): Buffer {
  const contents = Buffer.concat([Buffer.of(0), digestPrefix, digest]);
  return Buffer.concat([Buffer.of(0, 1), Buffer.alloc(size - 2 - contents.length, 0xff), contents]);
}

function encode<Name extends string>(numbers: Readonly<Record<Name, bigint>>): Record<Name, string> {
  const entries = Object.entries<bigint>(numbers).map(([name, value]) => [name, base64url(value)]);
  return Object.fromEntries(entries) as Record<Name, string>;
}

function base64url(value: bigint): string {
  return toNumberBytes(value).toString('base64url');
}
