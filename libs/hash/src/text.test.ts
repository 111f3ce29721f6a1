import { readFileSync } from 'node:fs';
import { isFault } from '@cooper/fault';
import fc from 'fast-check';
import t from 'tap';
import {
  digestSize,
  equalHashes,
  formatHash,
  formatPrefixedHash,
  type HashAlgorithm,
  hashAlgorithms,
  makeHash,
  parseHash,
} from './index.ts';

interface Vector {
  readonly algo: HashAlgorithm;
  readonly base16: string;
  readonly base32: string;
  readonly base64: string;
  readonly sri: string;
}

interface OddText {
  readonly type?: HashAlgorithm;
  readonly argument: string;
  readonly exit: number;
  readonly stdout: string;
}

// Recorded from Nix 2.8.0: `nix-hash`, `nix hash to-base16` and so on.
const golden = new URL('../../../test/golden/hash/conversions.json', import.meta.url);
const { vectors, odd } = JSON.parse(readFileSync(golden, 'utf8')) as { vectors: Vector[]; odd: OddText[] };

const forms = ['base16', 'base32', 'base64'] as const;

t.test('conversions recorded from Nix, from each form to each other', async (t) => {
  t.equal(vectors.length, 60);
  for (const vector of vectors) {
    const hash = makeHash(vector.algo, Buffer.from(vector.base16, 'hex'));
    t.equal(formatHash(hash, 'sri'), vector.sri);
    t.ok(equalHashes(parseHash(vector.sri), hash));
    for (const form of forms) {
      const text = vector[form];
      t.equal(formatHash(hash, form), text);
      t.equal(formatPrefixedHash(hash, form), `${vector.algo}:${text}`);
      t.ok(equalHashes(parseHash(text, vector.algo), hash));
      t.ok(equalHashes(parseHash(`${vector.algo}:${text}`), hash));
    }
  }
});

// Texts that Nix takes and a strict reader does not: each has another text for the same hash.
const takenByNixOnly = new Map([
  ['000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F', 'upper case'],
  ['AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=', 'stray bits in the last character'],
  ['sha256-AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=?opt', 'an option behind the hash'],
]);

t.test('S48: odd texts: what Nix refuses is refused, and what is not the one text of a hash', async (t) => {
  t.equal(odd.length, 27);
  for (const { type, argument, exit, stdout } of odd) {
    if (exit === 0 && !takenByNixOnly.delete(argument)) {
      t.equal(formatHash(parseHash(argument, type), 'base16'), stdout.trim(), argument);
    } else {
      t.throws(() => parseHash(argument, type), { code: 'invalid-hash' }, argument);
    }
  }
  t.equal(takenByNixOnly.size, 0, 'every exception occurs');
});

t.test('algorithms with hyphens in their names', async (t) => {
  for (const algorithm of hashAlgorithms) {
    const hash = makeHash(algorithm, new Uint8Array(digestSize(algorithm)).fill(0xa5));
    t.ok(equalHashes(parseHash(formatHash(hash, 'sri')), hash));
    t.ok(equalHashes(parseHash(formatPrefixedHash(hash, 'base32')), hash));
  }
});

t.test('faults say what is wrong', async (t) => {
  const zeros = '0'.repeat(64);
  const cases = [
    [zeros, undefined, 'it names no algorithm'],
    [`sha256:${zeros}`, 'sha512', 'it is not a hash of sha512'],
    [`sha3-256:${zeros.slice(1)}`, undefined, 'no digest of sha3-256 has 63 characters'],
    [`sha256-${zeros}`, undefined, 'no digest of sha256 has 64 characters in base64'],
    [`sha256:${'-'.repeat(43)}=`, undefined, 'its digest is not well-formed base64'],
    [`sha256:${'_'.repeat(43)}=`, undefined, 'its digest is not well-formed base64'],
    [`sha256:${'A'.repeat(42)}==`, undefined, 'its digest has 31 bytes'],
    [`sha256:z${'0'.repeat(51)}`, undefined, 'its digest is not well-formed base32'],
    [`sha256:${'0'.repeat(63)}g`, undefined, 'its digest is not well-formed base16'],
    [
      '__proto__:00',
      undefined,
      `unknown hash algorithm (known: md5, sha1, sha256, sha512, sha3-256, sha3-512, blake2s-256)`,
    ],
  ] as const;
  for (const [text, algorithm, reason] of cases) {
    t.throws(() => parseHash(text, algorithm), { code: 'invalid-hash', facts: { text, reason } }, text);
  }
  t.throws(() => parseHash('x'.repeat(1 << 20)), { message: /^.{1,400}$/ }, 'a long text is not repeated');
});

t.test('a text either is what would be written for its hash or is refused', async () => {
  const text = fc.string({ unit: fc.constantFrom(...'0189abcdfzA+/=-:?'), minLength: 24, maxLength: 64 });
  fc.assert(
    fc.property(text, fc.constantFrom(...hashAlgorithms), (text, algorithm) => {
      try {
        const hash = parseHash(text, algorithm);
        return forms.some((form) => formatHash(hash, form) === text);
      } catch (error) {
        return isFault(error, 'invalid-hash');
      }
    }),
    { numRuns: 2000 },
  );
});
