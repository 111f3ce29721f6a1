/**
 * ECDSA of digests (FIPS 186-4, 6.4), with the number that must never be used twice taken from key and digest (RFC 6979),
 * as libgcrypt does with the flag `rfc6979`: one signature for each key and digest.
 */
import { createHmac } from 'node:crypto';
import { baseMultiplier, type Curve, type Multiplier } from './curve.ts';
import { inverse, modulo, toNumber, toNumberBytes } from './modular-arithmetic.ts';

/** Two numbers, from 1 to the order of the curve, less one. */
export interface EcdsaSignature {
  readonly r: bigint;
  readonly s: bigint;
}

/** A secret key: a number from 1 on. It may exceed the order, as those of Ed25519 by libgcrypt do. */
export interface EcdsaSecret {
  readonly curve: Curve;
  readonly d: bigint;
}

/** Signs a digest made by SHA-256. */
export function signDigest({ curve, d }: EcdsaSecret, digest: Uint8Array): EcdsaSignature {
  const { order } = curve;
  const multiplyBase = baseMultiplier(curve);
  for (const k of nonces(curve, d, digest)) {
    const r = modulo(curve.affineX(multiplyBase(k)) ?? 0n, order);
    const s = modulo(inverse(k, order) * (leadingBits(curve, digest) + d * r), order);
    if (r !== 0n && s !== 0n) return { r, s };
  }
  throw new Error('the numbers do not end');
}

/** Whether `signature` is one of the digest by the owner of the key whose point `multiplyKey` multiplies. */
export function verifyDigest(
  { curve, multiplyKey }: { readonly curve: Curve; readonly multiplyKey: Multiplier },
  digest: Uint8Array,
  { r, s }: EcdsaSignature,
): boolean {
  const { order } = curve;
  if (r < 1n || r >= order || s < 1n || s >= order) return false;
  const w = inverse(s, order);
  const sum = curve.add(
    baseMultiplier(curve)(modulo(leadingBits(curve, digest) * w, order)),
    multiplyKey(modulo(r * w, order)),
  );
  const x = curve.affineX(sum);
  return x !== undefined && x % order === r;
}

/** The digest as a number of no more bits than the order (`bits2int` of RFC 6979). */
function leadingBits({ bits }: Curve, bytes: Uint8Array): bigint {
  return toNumber(bytes) >> BigInt(Math.max(0, bytes.length * 8 - bits));
}

/** RFC 6979, 3.2: numbers that only who has the key can tell. */
function* nonces(curve: Curve, d: bigint, digest: Uint8Array): Generator<bigint> {
  const size = Math.ceil(curve.bits / 8);
  const seed = Buffer.concat([
    toNumberBytes(d, size),
    toNumberBytes(modulo(leadingBits(curve, digest), curve.order), size),
  ]);
  let [key, value] = [Buffer.alloc(32), Buffer.alloc(32, 1)];
  const mac = (...parts: readonly Uint8Array[]) =>
    parts.reduce((hmac, part) => hmac.update(part), createHmac('sha256', key)).digest();
  const stir = (...parts: readonly Uint8Array[]) => {
    key = mac(value, ...parts);
    value = mac(value);
  };
  stir(Buffer.of(0), seed);
  stir(Buffer.of(1), seed);
  for (;;) {
    const pieces: Buffer[] = [];
    while (Buffer.concat(pieces).length < size) {
      value = mac(value);
      pieces.push(value);
    }
    const k = leadingBits(curve, Buffer.concat(pieces).subarray(0, size));
    if (k >= 1n && k < curve.order) yield k;
    stir(Buffer.of(0));
  }
}
