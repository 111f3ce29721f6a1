/**
 * Guix's signatures: `(signature (data (flags rfc6979) (hash sha256 …)) (sig-val …) (public-key …))`. They say who signed
 * which digest; whether that key may is for the access control list to say.
 */
import { fromBytes, fromText, toBytes } from '@cooper/byte-string';
import { isFault } from '@cooper/fault';
import { type AccessList, findAuthorised } from './access-list.ts';
import { printAdvanced } from './advanced-form.ts';
import { bytesOf, contentsOf, parametersOf } from './parameters.ts';
import { parseSExpression, printCanonical, type SExpression } from './s-expression.ts';
import type { SecretKey } from './secret-key.ts';

/**
 * What a signature is worth, in the reference's words. Asked in this order: is it a signature, is its key authorised, is
 * it one of this digest, did that key make it.
 */
export type SignatureVerdict =
  | 'valid-signature'
  | 'invalid-signature'
  | 'hash-mismatch'
  | 'unauthorized-key'
  | 'corrupt-signature';

/** Judges the signature `text` of something whose SHA-256 is `digest`. Any bytes have a verdict. */
export function judgeGuixSignature(text: Uint8Array, digest: Uint8Array, list: AccessList): SignatureVerdict {
  const signature = readSignature(text);
  if (signature === undefined) return 'corrupt-signature';
  const key = findAuthorised(list, signature.publicKey);
  if (key === undefined) return 'unauthorized-key';
  if (signature.flag !== key.flag) return 'corrupt-signature';
  if (!signature.digest.equals(digest)) return 'hash-mismatch';
  return key.verify(digest, signature.value) ? 'valid-signature' : 'invalid-signature';
}

/** Signs a digest made by SHA-256: the text that Guix writes for it, in libgcrypt's advanced form. */
export function makeGuixSignature(key: SecretKey, digest: Uint8Array): Buffer {
  const { flag, publicKey } = key;
  return toBytes(printAdvanced(assemble({ flag, digest, value: key.sign(digest), publicKey: publicKey.expression })));
}

interface Signature {
  readonly flag: string;
  readonly digest: Uint8Array;
  readonly value: SExpression;
  readonly publicKey: SExpression;
}

function assemble({ flag, digest, value, publicKey }: Signature): SExpression {
  const data = [word('data'), [word('flags'), word(flag)], [word('hash'), word('sha256'), fromBytes(digest)]];
  return [word('signature'), data, [word('sig-val'), value], publicKey];
}

/** Takes a signature apart. One that has anything more, less or elsewhere is none. */
function readSignature(text: Uint8Array): (Signature & { readonly digest: Buffer }) | undefined {
  const expression = tryParse(text);
  const parts = parametersOf(contentsOf(expression, 'signature') ?? []);
  const data = parametersOf(contentsOf(parts?.get('data'), 'data') ?? []);
  const [, digest] = contentsOf(data?.get('hash'), 'hash') ?? [];
  const [value] = contentsOf(parts?.get('sig-val'), 'sig-val') ?? [];
  const [publicKey, flag] = [parts?.get('public-key'), bytesOf(data, 'flags')?.toString('latin1')];
  if (expression === undefined || typeof digest !== 'string' || value === undefined) return undefined;
  if (publicKey === undefined || flag === undefined) return undefined;
  const signature = { flag, digest: toBytes(digest), value, publicKey };
  return printCanonical(assemble(signature)) === printCanonical(expression) ? signature : undefined;
}

function tryParse(text: Uint8Array): SExpression | undefined {
  try {
    return parseSExpression(text);
  } catch (error) {
    if (isFault(error, 'invalid-s-expression')) return undefined;
    throw error;
  }
}

function word(text: string): SExpression {
  return fromText(text);
}
