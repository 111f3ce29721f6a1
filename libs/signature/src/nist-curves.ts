/** The curves P-256, P-384 and P-521 (FIPS 186-4, D.1.2) in projective coordinates: x = X/Z, y = Y/Z. */
import type { Curve, Point } from './curve.ts';
import { inverse, modulo, toNumber, toNumberBytes } from './modular-arithmetic.ts';

interface Parameters {
  readonly name: string;
  readonly prime: bigint;
  readonly b: bigint;
  readonly order: bigint;
  readonly bits: number;
  readonly base: readonly [bigint, bigint];
}

/** The curve y² = x³ - 3x + b. Points are encoded as 4, x, y. */
function makeCurve({ name, prime, b, order, bits, base: [baseX, baseY] }: Parameters): Curve {
  const size = Math.ceil(prime.toString(16).length / 2);
  const affine = ([x = 0n, y = 0n, z = 0n]: Point) => {
    const scale = inverse(z, prime);
    return [modulo(x * scale, prime), modulo(y * scale, prime)] as const;
  };
  return {
    name,
    order,
    bits,
    identity: [0n, 1n, 0n],
    base: [baseX, baseY, 1n],
    add: makeAddition(prime, b),
    affineX: (point) => (modulo(point[2] ?? 0n, prime) === 0n ? undefined : affine(point)[0]),
    decode: (bytes) => {
      if (bytes.length !== 1 + 2 * size || bytes[0] !== 4) return undefined;
      const [x, y] = [toNumber(bytes.subarray(1, 1 + size)), toNumber(bytes.subarray(1 + size))];
      const onCurve = x < prime && y < prime && modulo(y * y - x * x * x + 3n * x - b, prime) === 0n;
      return onCurve ? [x, y, 1n] : undefined;
    },
    encode: (point) => {
      const [x, y] = affine(point);
      return Buffer.concat([Buffer.of(4), toNumberBytes(x, size), toNumberBytes(y, size)]);
    },
  };
}

/** The sum, by one formula for all points (Renes, Costello, Batina: Complete addition formulas, algorithm 4). */
function makeAddition(prime: bigint, b: bigint): Curve['add'] {
  return ([x1 = 0n, y1 = 0n, z1 = 0n], [x2 = 0n, y2 = 0n, z2 = 0n]) => {
    const [xx, yy, zz] = [(x1 * x2) % prime, (y1 * y2) % prime, (z1 * z2) % prime];
    const xy = (x1 * y2 + x2 * y1) % prime;
    const yz = (y1 * z2 + y2 * z1) % prime;
    const xz = (x1 * z2 + x2 * z1) % prime;
    const m = 3n * (xz - b * zz);
    const [r, s] = [(yy + m) % prime, (yy - m) % prime];
    const [u, v] = [(3n * (b * xz - 3n * zz - xx)) % prime, 3n * (xx - zz)];
    return [(xy * r - yz * u) % prime, (r * s + v * u) % prime, (yz * s + xy * v) % prime];
  };
}

export const p256 = makeCurve({
  name: 'NIST P-256',
  prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  bits: 256,
  base: [
    0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  ],
});

export const p384 = makeCurve({
  name: 'NIST P-384',
  prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  bits: 384,
  base: [
    0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
    0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
  ],
});

export const p521 = makeCurve({
  name: 'NIST P-521',
  prime: 2n ** 521n - 1n,
  b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  order:
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  bits: 521,
  base: [
    0x00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66n,
    0x011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650n,
  ],
});
