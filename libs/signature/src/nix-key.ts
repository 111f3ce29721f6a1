/** Nix's keys and signatures: `NAME:BASE64`, Ed25519 (RFC 8032) by node:crypto. The name tells which key signed. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { invalidKey } from './public-key.ts';

/** A key that others sign with. */
export interface NixPublicKey {
  readonly name: string;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** A key to sign with. */
export interface NixSecretKey {
  readonly name: string;
  /** `NAME:BASE64` of the public half. */
  readonly publicText: string;
  /** 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** The public key that `text` writes, 32 bytes. Throws a fault `invalid-key`. */
export function parseNixPublicKey(text: string): NixPublicKey {
  const { name, bytes } = split(text, 32);
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: base64url(bytes) } });
  return { name, verify: (message, signature) => signature.length === 64 && verify(null, message, key, signature) };
}

/** The secret key that `text` writes: 32 secret bytes and the public half behind them. Throws a fault `invalid-key`. */
export function parseNixSecretKey(text: string): NixSecretKey {
  const { name, bytes } = split(text.trimEnd(), 64);
  const [d, x] = [base64url(bytes.subarray(0, 32)), base64url(bytes.subarray(32))];
  const key = createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', d, x } });
  if (publicHalf(key) !== x) throw invalidKey('its public half does not belong to it');
  const publicText = `${name}:${bytes.subarray(32).toString('base64')}`;
  return { name, publicText, sign: (message) => sign(null, message, key) };
}

/** The texts of the secret key of this name that 32 random bytes make, and of its public half. */
export function makeNixKey(name: string, random: Uint8Array): { readonly secret: string; readonly public: string } {
  // The beginning of such a key in PKCS #8, the only form in which a key is read without its public half.
  const header = Buffer.from('302e020100300506032b657004220420', 'hex');
  const key = createPrivateKey({ format: 'der', type: 'pkcs8', key: Buffer.concat([header, random]) });
  const half = Buffer.from(publicHalf(key), 'base64url');
  const secret = `${name}:${Buffer.concat([random, half]).toString('base64')}`;
  return { secret, public: parseNixSecretKey(secret).publicText };
}

function publicHalf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'jwk' }).x ?? '';
}

function split(text: string, size: number): { readonly name: string; readonly bytes: Buffer } {
  const [, name, base64] = /^([!-9;-~]+):([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
  if (name === undefined || base64 === undefined) throw invalidKey('it is not of the form NAME:BASE64');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) throw invalidKey('it is not base64');
  if (bytes.length !== size) throw invalidKey(`it has ${bytes.length} bytes, not ${size}`);
  return { name, bytes };
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url');
}
