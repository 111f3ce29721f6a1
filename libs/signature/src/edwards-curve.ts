/** Ed25519 as a group (RFC 8032, 5.1), in extended coordinates: x = X/Z, y = Y/Z, and T = XY/Z. */
import type { Curve, Point } from './curve.ts';
import { inverse, modulo, power, toNumber, toNumberBytes } from './modular-arithmetic.ts';

const prime = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const d = modulo(-121665n * inverse(121666n, prime), prime);
const rootOfMinusOne = power(2n, (prime - 1n) / 4n, prime);
const encodedSize = 32;
const signBit = 1n << 255n;

/** The sum, by the one formula for all points of the curve (add-2008-hwcd-3 of the explicit-formulas database). */
function add([x1 = 0n, y1 = 0n, z1 = 0n, t1 = 0n]: Point, [x2 = 0n, y2 = 0n, z2 = 0n, t2 = 0n]: Point): Point {
  const a = ((y1 - x1) * (y2 - x2)) % prime;
  const b = ((y1 + x1) * (y2 + x2)) % prime;
  const c = (((2n * t1 * t2) % prime) * d) % prime;
  const z = (2n * z1 * z2) % prime;
  const [e, f, g, h] = [b - a, z - c, z + c, b + a];
  return [(e * f) % prime, (g * h) % prime, (f * g) % prime, (e * h) % prime];
}

function affine([x = 0n, y = 0n, z = 1n]: Point): readonly [bigint, bigint] {
  const scale = inverse(z, prime);
  return [modulo(x * scale, prime), modulo(y * scale, prime)];
}

/** The x of a point with this y, either of the two; undefined where the curve has none. */
function recoverX(y: bigint): bigint | undefined {
  const [u, v] = [modulo(y * y - 1n, prime), modulo(d * y * y + 1n, prime)];
  const root = modulo(u * v ** 3n * power(u * v ** 7n, (prime - 5n) / 8n, prime), prime);
  return [root, (root * rootOfMinusOne) % prime].find((x) => modulo(v * x * x - u, prime) === 0n);
}

function decode(bytes: Uint8Array): Point | undefined {
  const value = toNumber(Buffer.from(bytes).reverse());
  const y = value & (signBit - 1n);
  if (bytes.length !== encodedSize || y >= prime) return undefined;
  const root = recoverX(y);
  const odd = (value & signBit) !== 0n;
  if (root === undefined || (root === 0n && odd)) return undefined;
  const x = ((root & 1n) === 1n) === odd ? root : prime - root;
  return [x, y, 1n, (x * y) % prime];
}

function encode(point: Point): Uint8Array {
  const [x, y] = affine(point);
  return toNumberBytes(x & 1n ? y | signBit : y, encodedSize).reverse();
}

const baseY = modulo(4n * inverse(5n, prime), prime);

/** Ed25519; points are encoded in 32 bytes. */
export const ed25519: Curve = {
  name: 'Ed25519',
  order,
  bits: 253,
  identity: [0n, 1n, 1n, 0n],
  base: decode(toNumberBytes(baseY, encodedSize).reverse()) ?? [],
  add,
  affineX: (point) => affine(point)[0],
  decode,
  encode,
};
