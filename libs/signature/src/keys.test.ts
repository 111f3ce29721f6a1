import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { fromText } from '@cooper/byte-string';
import fc from 'fast-check';
import t from 'tap';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import { baseMultiplier, type Curve, makeMultiplier } from './curve.ts';
import { signDigest, verifyDigest } from './ecdsa.ts';
import {
  authorise,
  emptyAccessList,
  judgeGuixSignature,
  makeGuixSignature,
  makeNixKey,
  makeSecretKey,
  parseNixPublicKey,
  parseNixSecretKey,
  parsePublicKey,
  parseSecretKey,
  printAdvanced,
} from './index.ts';
import { toNumber, toNumberBytes } from './modular-arithmetic.ts';
import { p256, p384, p521 } from './nist-curves.ts';

interface Golden {
  readonly keys: readonly {
    readonly kind: string;
    readonly secretKey: string;
    readonly publicKey: string;
    readonly signatures: readonly { readonly digest: string; readonly signature: string }[];
  }[];
  readonly eddsaPublicKey: string;
}

const golden = readGoldenJson<Golden>('signature/libgcrypt.json.zst');
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest();

for (const { kind, secretKey, publicKey, signatures } of golden.keys) {
  t.test(`signatures by libgcrypt: ${kind}`, async (t) => {
    const secret = parseSecretKey(Buffer.from(secretKey));
    const key = parsePublicKey(Buffer.from(publicKey));
    const list = authorise(emptyAccessList, key.expression);
    t.equal(printAdvanced(secret.publicKey.expression), publicKey, 'the public half');
    t.ok(signatures.length >= 4);
    for (const { digest, signature } of signatures) {
      const bytes = Buffer.from(digest, 'hex');
      t.equal(makeGuixSignature(secret, bytes).toString(), signature, 'the same signature, byte for byte');
      t.equal(judgeGuixSignature(Buffer.from(signature), bytes, list), 'valid-signature');
      t.equal(judgeGuixSignature(Buffer.from(signature), sha256('other'), list), 'hash-mismatch');
      t.equal(judgeGuixSignature(Buffer.from(signature), bytes, emptyAccessList), 'unauthorized-key');
      const forged = signature.replace(digest.toUpperCase(), sha256('other').toString('hex'));
      t.equal(judgeGuixSignature(Buffer.from(forged), sha256('other'), list), 'invalid-signature');
    }
  });
}

t.test('digits of a signature that are changed', async (t) => {
  for (const { publicKey, signatures } of golden.keys) {
    const list = authorise(emptyAccessList, parsePublicKey(Buffer.from(publicKey)).expression);
    const { digest = '', signature = '' } = signatures[0] ?? {};
    const start = signature.indexOf('(sig-val');
    const places = [...signature.matchAll(/#[0-9A-F]{20,}#/g)].map(({ index }) => index).filter((at) => at > start);
    for (const place of places.slice(0, -1)) {
      for (const offset of [5, 12, 20]) {
        const at = place + offset;
        const changed = `${signature.slice(0, at)}${signature[at] === '0' ? '1' : '0'}${signature.slice(at + 1)}`;
        const verdict = judgeGuixSignature(Buffer.from(changed), Buffer.from(digest, 'hex'), list);
        t.equal(verdict, at > signature.indexOf('(public-key') ? 'unauthorized-key' : 'invalid-signature');
      }
    }
    for (const value of ['##', '#00#', `#${'FF'.repeat(70)}#`, '(x)', 'x y']) {
      const changed = signature.replace(/\((r|s) #[0-9A-F]+#\)/, (_, name) => `(${name} ${value})`);
      t.equal(judgeGuixSignature(Buffer.from(changed), Buffer.from(digest, 'hex'), list), 'invalid-signature', value);
    }
  }
});

t.test('NIST curves agree with those of node:crypto', async (t) => {
  const curves: readonly [Curve, string, string, number][] = [
    [p256, 'prime256v1', 'P-256', 32],
    [p384, 'secp384r1', 'P-384', 48],
    [p521, 'secp521r1', 'P-521', 66],
  ];
  for (const [curve, namedCurve, crv, size] of curves) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
    const { d = '', x = '', y = '' } = privateKey.export({ format: 'jwk' });
    const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
    const secret = toNumber(Buffer.from(d, 'base64url'));
    t.same(Buffer.from(curve.encode(baseMultiplier(curve)(secret))), point, `${crv}: public key`);
    const multiplyKey = makeMultiplier(curve, curve.decode(point) ?? []);
    for (let n = 0; n < 5; n++) {
      const message = randomBytes(40);
      const theirs = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      const [r, s] = [toNumber(theirs.subarray(0, size)), toNumber(theirs.subarray(size))];
      t.ok(verifyDigest({ curve, multiplyKey }, sha256(message), { r, s }), 'we verify theirs');
      const ours = signDigest({ curve, d: secret }, sha256(message));
      const encoded = Buffer.concat([toNumberBytes(ours.r, size), toNumberBytes(ours.s, size)]);
      t.ok(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, encoded), 'they verify ours');
      t.notOk(verifyDigest({ curve, multiplyKey }, sha256(message), { r: s, s: r }));
    }
    t.equal(curve.decode(Buffer.concat([point.subarray(0, -1), Buffer.of((point.at(-1) ?? 0) ^ 1)])), undefined);
  }
});

t.test('Guix keys made here', async (t) => {
  const { secret, public: half } = makeSecretKey(randomBytes(32));
  const key = parseSecretKey(Buffer.from(printAdvanced(secret), 'latin1'));
  t.same(key.publicKey.expression, half);
  t.match(
    printAdvanced(half),
    /^\(public-key \n \(ecc \n {2}\(curve Ed25519\)\n {2}\(q #[0-9A-F]{64}#\)\n {2}\)\n \)\n$/,
  );
  const verdict = judgeGuixSignature(
    makeGuixSignature(key, sha256('x')),
    sha256('x'),
    authorise(emptyAccessList, half),
  );
  t.equal(verdict, 'valid-signature');
});

t.test('keys that are refused', async (t) => {
  const [first, second] = golden.keys;
  const refused = [
    golden.eddsaPublicKey,
    '',
    '(public-key)',
    '(public-key (dsa (p #01#)))',
    '(public-key (ecc (curve Ed25519)))',
    '(public-key (ecc (curve constructor) (q #00#)))',
    `(public-key (ecc (curve Ed25519) (q #${'02'.padEnd(64, '0')}#)))`,
    '(public-key (rsa (n #0F#) (e #03#)))',
    `(public-key (rsa (n #${'FF'.repeat(4096)}#) (e #03#)))`,
    `${first?.publicKey}${first?.publicKey}`,
  ];
  for (const text of refused)
    t.throws(() => parsePublicKey(Buffer.from(text)), { code: 'invalid-key' }, text.slice(0, 60));
  const q = /\(q #[0-9A-F]*#\)/;
  const mixed = first?.secretKey.replace(q, q.exec(second?.secretKey ?? '')?.[0] ?? '') ?? '';
  for (const text of ['(private-key)', first?.publicKey ?? '', mixed]) {
    t.throws(() => parseSecretKey(Buffer.from(text)), { code: 'invalid-key' });
  }
});

t.test("Nix's keys", async (t) => {
  const files = readGoldenBundle('narinfo/nix.tar.zst');
  const file = (name: string) => files.get(`keys/${name}`)?.toString() ?? '';
  const secret = parseNixSecretKey(file('secret-key'));
  t.equal(secret.publicText, file('public-key').trim());
  const message = Buffer.from('message');
  t.ok(parseNixPublicKey(secret.publicText).verify(message, secret.sign(message)));
  t.notOk(parseNixPublicKey(file('other-public-key').trim()).verify(message, secret.sign(message)));
  t.notOk(parseNixPublicKey(secret.publicText).verify(message, secret.sign(message).subarray(1)));
  const made = makeNixKey('cache-1', randomBytes(32));
  t.equal(parseNixSecretKey(`${made.secret}\n`).publicText, made.public);
  t.ok(
    createPublicKey({
      format: 'jwk',
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(made.public.slice(8), 'base64').toString('base64url') },
    }),
  );
  for (const text of ['', 'x', 'x:', ':AAAA', 'a b:AAAA', `x:${'A'.repeat(42)}=`, `x:${'A'.repeat(44)}`]) {
    t.throws(() => parseNixPublicKey(text), { code: 'invalid-key' }, text);
  }
  const swapped = `x:${Buffer.concat([randomBytes(32), randomBytes(32)]).toString('base64')}`;
  t.throws(() => parseNixSecretKey(swapped), { code: 'invalid-key' });
  t.equal(fromText('x'), 'x');
});

t.test('any text in the place of a signature has a verdict', async () => {
  const [first] = golden.keys;
  const list = authorise(emptyAccessList, parsePublicKey(Buffer.from(first?.publicKey ?? '')).expression);
  const { signature = '', digest = '' } = first?.signatures[0] ?? {};
  const unit = fc.constantFrom('(', ')', '#', 'r', 's', ' ', '00', 'FF', 'ecdsa', 'sig-val', 'rsa', '"', '3:');
  const change = fc.record({
    at: fc.nat(signature.length),
    remove: fc.nat(40),
    insert: fc.string({ unit, maxLength: 5 }),
  });
  fc.assert(
    fc.property(change, ({ at, remove, insert }) => {
      const text = signature.slice(0, at) + insert + signature.slice(at + remove);
      const verdict = judgeGuixSignature(Buffer.from(text), Buffer.from(digest, 'hex'), list);
      // White space, the case of digits and zeros in front of numbers may change: then it says the same.
      const normal = (expression: string) =>
        expression
          .replace(/\s/g, '')
          .replace(/#(?:00)+/g, '#')
          .toUpperCase();
      return verdict !== 'valid-signature' || normal(text) === normal(signature);
    }),
    { numRuns: 2000 },
  );
});
