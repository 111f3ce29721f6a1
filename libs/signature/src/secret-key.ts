/** Guix's secret keys: `(private-key (ecc (curve Ed25519) (q …) (d …)))` and so on, alone or in `(key-data …)`. */
import { type ByteString, fromBytes, fromText } from '@cooper/byte-string';
import { baseMultiplier, type Curve } from './curve.ts';
import { signDigest } from './ecdsa.ts';
import { ed25519 } from './edwards-curve.ts';
import { modulo, toNumber, toNumberBytes } from './modular-arithmetic.ts';
import { bytesOf, contentsOf, numberOf, parametersOf } from './parameters.ts';
import {
  invalidKey,
  type PublicKey,
  parseKeyExpression,
  readCurve,
  readPublicKey,
  readRsaKey,
  type SigningFlag,
} from './public-key.ts';
import { type RsaSecret, signRsa } from './rsa.ts';
import type { SExpression } from './s-expression.ts';

/** A key to sign with. */
export interface SecretKey {
  /** Its public half. */
  readonly publicKey: PublicKey;
  /** The word behind `flags` in what it signs. */
  readonly flag: SigningFlag;
  /** The inside of `(sig-val …)` for a digest made by SHA-256. */
  sign(digest: Uint8Array): SExpression;
}

/** The secret key in the file `bytes`. Throws a fault `invalid-key`, also where the public half in it is another's. */
export function parseSecretKey(bytes: Uint8Array): SecretKey {
  const expression = parseKeyExpression(bytes);
  const candidates = contentsOf(expression, 'key-data') ?? [expression];
  const [key] = candidates.flatMap((candidate) => contentsOf(candidate, 'private-key') ?? []);
  const [ecc, rsa] = [contentsOf(key, 'ecc') ?? contentsOf(key, 'ecdsa'), contentsOf(key, 'rsa')];
  if (ecc !== undefined) return readEcdsaSecret(ecc);
  if (rsa !== undefined) return readRsaSecret(rsa);
  throw invalidKey('it is no private key of the kinds ecc and rsa');
}

/**
 * The expression of a secret key on Ed25519, made of 32 random bytes as libgcrypt makes them for Guix, and that of its
 * public half.
 */
export function makeSecretKey(random: Uint8Array): { readonly secret: SExpression; readonly public: SExpression } {
  const bytes = Buffer.from(random);
  // The number has 255 bits and is a multiple of 8, as for the other uses of this curve.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  bytes[31] = (bytes[31] ?? 0) & 0xf8;
  const curve = parameter('curve', fromText(ed25519.name));
  const q = parameter('q', fromBytes(publicPoint(ed25519, toNumber(bytes))));
  const d = parameter('d', fromBytes(bytes));
  return {
    secret: [fromText('private-key'), [fromText('ecc'), curve, q, d]],
    public: [fromText('public-key'), [fromText('ecc'), curve, q]],
  };
}

function readEcdsaSecret(list: readonly SExpression[]): SecretKey {
  const curve = readCurve(list);
  const parameters = parametersOf(list);
  const d = numberOf(parameters, 'd') ?? 0n;
  if (modulo(d, curve.order) === 0n || d >> BigInt(Math.ceil(curve.bits / 8) * 8) !== 0n) {
    throw invalidKey('its d is missing or out of range');
  }
  const q = publicPoint(curve, d);
  if (!bytesOf(parameters, 'q')?.equals(q)) throw invalidKey('its q does not belong to its d');
  const kept = list.filter((item) => typeof item === 'object' && item[0] !== 'd');
  return {
    publicKey: readPublicKey([fromText('public-key'), [fromText('ecc'), ...kept]]),
    flag: 'rfc6979',
    sign: (digest) => {
      const { r, s } = signDigest({ curve, d }, digest);
      return [fromText('ecdsa'), parameter('r', numberText(r)), parameter('s', numberText(s))];
    },
  };
}

function readRsaSecret(list: readonly SExpression[]): SecretKey {
  const parameters = parametersOf(list);
  const [d, p, q, u] = ['d', 'p', 'q', 'u'].map((name) => numberOf(parameters, name) ?? 0n);
  const secret: RsaSecret = { ...readRsaKey(list), d: d ?? 0n, p: p ?? 0n, q: q ?? 0n, u: u ?? 0n };
  const fitting = secret.p * secret.q === secret.n && modulo(secret.u * secret.p, secret.q) === 1n && secret.d > 0n;
  if (!fitting) throw invalidKey('its secret parameters do not fit its modulus');
  const kept = list.filter((item) => typeof item === 'object' && (item[0] === 'n' || item[0] === 'e'));
  return {
    publicKey: readPublicKey([fromText('public-key'), [fromText('rsa'), ...kept]]),
    flag: 'pkcs1',
    sign: (digest) => [fromText('rsa'), parameter('s', fromBytes(signRsa(secret, digest)))],
  };
}

function publicPoint(curve: Curve, d: bigint): Uint8Array {
  return curve.encode(baseMultiplier(curve)(modulo(d, curve.order)));
}

function parameter(name: string, value: ByteString): SExpression {
  return [fromText(name), value];
}

function numberText(value: bigint): ByteString {
  return fromBytes(toNumberBytes(value));
}
