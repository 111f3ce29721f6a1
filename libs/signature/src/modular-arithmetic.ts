/** Arithmetic with whole numbers modulo a prime, and numbers as bytes. All results lie in 0 … modulus - 1. */

/** The remainder, never negative. */
export function modulo(value: bigint, modulus: bigint): bigint {
  const remainder = value % modulus;
  return remainder < 0n ? remainder + modulus : remainder;
}

/** `base` to the power of `exponent`, which is not negative. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let square = modulo(base, modulus), rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** The inverse of `value`, which is no multiple of `modulus`; by Euclid's algorithm. */
export function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [modulo(value, modulus), modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b, x, y] = [b % a, a, y - quotient * x, x];
  }
  return modulo(x, modulus);
}

/** The number that the bytes are, the most significant first; 0 for none. */
export function toNumber(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** The number as bytes, the most significant first: as many as asked for, which must be enough, or no more than needed. */
export function toNumberBytes(value: bigint, length?: number): Buffer {
  const digits = value === 0n ? '' : value.toString(16);
  return Buffer.from(
    digits.padStart(length === undefined ? digits.length + (digits.length % 2) : length * 2, '0'),
    'hex',
  );
}
