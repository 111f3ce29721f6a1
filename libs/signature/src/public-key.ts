/**
 * Guix's public keys, in s-expressions as libgcrypt has them: `(public-key (ecc (curve Ed25519) (q …)))`, the same with
 * the curves of NIST, and `(public-key (rsa (n …) (e …)))`.
 *
 * A key with `(flags eddsa)` is refused: libgcrypt makes no signature of Guix's kind with one.
 */
import { Fault, isFault } from '@cooper/fault';
import { type Curve, type Multiplier, makeMultiplier } from './curve.ts';
import { verifyDigest } from './ecdsa.ts';
import { ed25519 } from './edwards-curve.ts';
import { p256, p384, p521 } from './nist-curves.ts';
import { bytesOf, contentsOf, numberOf, parametersOf } from './parameters.ts';
import { isUsable, type RsaKey, verifyRsa } from './rsa.ts';
import { parseSExpression, type SExpression } from './s-expression.ts';

/** How libgcrypt is told to sign with a key: by ECDSA with numbers that follow from key and digest, by RSA with padding. */
export type SigningFlag = 'rfc6979' | 'pkcs1';

/** A key that others sign with. */
export interface PublicKey {
  readonly expression: SExpression;
  /** The word behind `flags` in what is signed with it. */
  readonly flag: SigningFlag;
  /** Whether `value`, the inside of `(sig-val …)`, is a signature of a digest made by SHA-256. */
  verify(digest: Uint8Array, value: SExpression): boolean;
}

const curves: Readonly<Record<string, Curve>> = {
  Ed25519: ed25519,
  'NIST P-256': p256,
  'NIST P-384': p384,
  'NIST P-521': p521,
};

/** The public key in the file `bytes`. Throws a fault `invalid-key`. */
export function parsePublicKey(bytes: Uint8Array): PublicKey {
  return readPublicKey(parseKeyExpression(bytes));
}

/** The public key that the expression is. Throws a fault `invalid-key`. */
export function readPublicKey(expression: SExpression): PublicKey {
  const [key, ...others] = contentsOf(expression, 'public-key') ?? [];
  if (others.length > 0) throw invalidKey('there is something behind its parameters');
  const [ecc, rsa] = [contentsOf(key, 'ecc') ?? contentsOf(key, 'ecdsa'), contentsOf(key, 'rsa')];
  if (ecc !== undefined) return { expression, flag: 'rfc6979', verify: makeEcdsaVerifier(readPoint(ecc)) };
  if (rsa !== undefined) return { expression, flag: 'pkcs1', verify: makeRsaVerifier(readRsaKey(rsa)) };
  throw invalidKey('it is no public key of the kinds ecc and rsa');
}

/** The expression in the file of a key. Throws a fault `invalid-key`. */
export function parseKeyExpression(bytes: Uint8Array): SExpression {
  try {
    return parseSExpression(bytes);
  } catch (error) {
    if (isFault(error, 'invalid-s-expression')) throw invalidKey(error.message, { cause: error });
    throw error;
  }
}

/** The curve that the parameters of a key name. Throws a fault `invalid-key`. */
export function readCurve(parameters: readonly SExpression[]): Curve {
  const name = bytesOf(parametersOf(parameters), 'curve')?.toString('latin1') ?? '';
  const curve = Object.hasOwn(curves, name) ? curves[name] : undefined;
  if (curve === undefined) throw invalidKey(`its curve is none of ${Object.keys(curves).join(', ')}`);
  if (parametersOf(parameters)?.has('flags'))
    throw invalidKey('it has flags: only plain ECDSA keys sign in this format');
  return curve;
}

/** Modulus and exponent. Throws a fault `invalid-key`. */
export function readRsaKey(list: readonly SExpression[]): RsaKey {
  const parameters = parametersOf(list);
  const key = { n: numberOf(parameters, 'n') ?? 0n, e: numberOf(parameters, 'e') ?? 0n };
  if (!isUsable(key)) throw invalidKey('its modulus or exponent is missing or out of range');
  return key;
}

/** The fault that refuses a key. */
export function invalidKey(reason: string, options?: ErrorOptions): Fault {
  return new Fault('invalid-key', `invalid key: ${reason}`, { reason }, options);
}

interface EcdsaKey {
  readonly curve: Curve;
  readonly point: NonNullable<ReturnType<Curve['decode']>>;
}

function readPoint(list: readonly SExpression[]): EcdsaKey {
  const curve = readCurve(list);
  const point = curve.decode(bytesOf(parametersOf(list), 'q') ?? Buffer.of());
  if (point === undefined) throw invalidKey(`its q is no point of ${curve.name}`);
  return { curve, point };
}

function makeEcdsaVerifier({ curve, point }: EcdsaKey): PublicKey['verify'] {
  let multiplyKey: Multiplier | undefined;
  return (digest, value) => {
    const parameters = parametersOf(contentsOf(value, 'ecdsa') ?? []);
    const [r, s] = [numberOf(parameters, 'r'), numberOf(parameters, 's')];
    if (r === undefined || s === undefined || parameters?.size !== 2) return false;
    multiplyKey ??= makeMultiplier(curve, point);
    return verifyDigest({ curve, multiplyKey }, digest, { r, s });
  };
}

function makeRsaVerifier(key: RsaKey): PublicKey['verify'] {
  return (digest, value) => {
    const parameters = parametersOf(contentsOf(value, 'rsa') ?? []);
    const signature = bytesOf(parameters, 's');
    return signature !== undefined && parameters?.size === 1 && verifyRsa(key, digest, signature);
  };
}
