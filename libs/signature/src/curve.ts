/**
 * Elliptic curves as groups: what ECDSA needs of one, and multiplication. Node's own cryptography has the NIST curves, but
 * signs and verifies whole messages only, where Guix has signatures of digests; and nobody else has ECDSA on Ed25519.
 *
 * Time does not depend on what is multiplied, as far as that is in our hands: the additions are complete (one formula for
 * all points) and as many for each number. That of the big numbers of the language does, a little.
 */

/** A point in the curve's own coordinates. */
export type Point = readonly bigint[];

/** A group of prime order. */
export interface Curve {
  /** As keys name it, in libgcrypt's way. */
  readonly name: string;
  readonly order: bigint;
  /** Of the order. */
  readonly bits: number;
  /** The point that nothing changes. */
  readonly identity: Point;
  readonly base: Point;
  add(p: Point, q: Point): Point;
  /** The first affine coordinate, less than the size of the field; undefined where a point has none. */
  affineX(p: Point): bigint | undefined;
  /** The point that a public key has as `q`; undefined for bytes that are none. */
  decode(bytes: Uint8Array): Point | undefined;
  encode(p: Point): Uint8Array;
}

/** Multiplies one point by numbers from 0 to the order. */
export type Multiplier = (scalar: bigint) => Point;

const windowBits = 4;
const windowSize = 1 << windowBits;

/** A multiplier of `point`. It costs some 1,000 additions to make, and a hundred to use. */
export function makeMultiplier(curve: Curve, point: Point): Multiplier {
  const rows: Point[][] = [];
  for (let base = point; rows.length * windowBits < curve.bits; ) {
    const row: Point[] = [curve.identity];
    while (row.length < windowSize) row.push(curve.add(row.at(-1) ?? base, base));
    base = curve.add(row.at(-1) ?? base, base);
    rows.push(row);
  }
  return (scalar) =>
    rows.reduce((sum, row, index) => {
      const digit = Number((scalar >> BigInt(index * windowBits)) & BigInt(windowSize - 1));
      return curve.add(sum, row[digit] ?? curve.identity);
    }, curve.identity);
}

const baseMultipliers = new WeakMap<Curve, Multiplier>();

/** The multiplier of the curve's base point, made once. */
export function baseMultiplier(curve: Curve): Multiplier {
  const known = baseMultipliers.get(curve);
  if (known !== undefined) return known;
  const multiplier = makeMultiplier(curve, curve.base);
  baseMultipliers.set(curve, multiplier);
  return multiplier;
}
