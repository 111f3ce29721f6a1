import t from 'tap';
import {
  compressHash,
  createHasher,
  digestSize,
  equalHashes,
  formatHash,
  type HashAlgorithm,
  hashAlgorithms,
  hashBytes,
  makeHash,
} from './index.ts';

const abc = Buffer.from('abc');

// The digests of "abc" that the standards print: RFC 1321, FIPS 180-4, FIPS 202, RFC 7693.
const digestsOfAbc: Record<HashAlgorithm, string> = {
  md5: '900150983cd24fb0d6963f7d28e17f72',
  sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  sha512:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
    '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  'sha3-256': '3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532',
  'sha3-512':
    'b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e' +
    '10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0',
  'blake2s-256': '508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982',
};

t.test('every algorithm, at once and in chunks', async (t) => {
  t.same(hashAlgorithms, Object.keys(digestsOfAbc));
  for (const algorithm of hashAlgorithms) {
    const hash = hashBytes(algorithm, abc);
    t.equal(formatHash(hash, 'base16'), digestsOfAbc[algorithm], algorithm);
    t.equal(hash.digest.length, digestSize(algorithm));
    const hasher = createHasher(algorithm);
    for (const byte of abc) hasher.update(Uint8Array.of(byte));
    t.ok(equalHashes(hasher.digest(), hash));
  }
});

t.test('a copy goes on by itself', async (t) => {
  const hasher = createHasher('sha256');
  hasher.update(abc.subarray(0, 2));
  const copy = hasher.copy();
  copy.update(Buffer.from('x'));
  hasher.update(abc.subarray(2));
  t.equal(formatHash(hasher.digest(), 'base16'), digestsOfAbc.sha256);
  t.ok(equalHashes(copy.digest(), hashBytes('sha256', Buffer.from('abx'))));
});

t.test('a view into a larger buffer is hashed, not the buffer', async (t) => {
  const view = new Uint8Array(Buffer.from('xabcx').buffer, Buffer.from('xabcx').byteOffset, 0);
  t.equal(formatHash(hashBytes('sha256', Buffer.from('xabcx').subarray(1, 4)), 'base16'), digestsOfAbc.sha256);
  t.ok(equalHashes(hashBytes('sha256', view), hashBytes('sha256', new Uint8Array())));
});

t.test('hashes are equal when algorithm and digest are', async (t) => {
  const zeros = new Uint8Array(32);
  t.ok(equalHashes(makeHash('sha256', zeros), makeHash('sha256', new Uint8Array(32))));
  t.notOk(equalHashes(makeHash('sha256', zeros), makeHash('sha3-256', zeros)));
  t.notOk(equalHashes(makeHash('sha256', zeros), makeHash('sha256', new Uint8Array(32).fill(1, 31))));
});

t.test('a digest of the wrong length makes no hash', async (t) => {
  const facts = { algorithm: 'sha256', length: 31, expected: 32 };
  t.throws(() => makeHash('sha256', new Uint8Array(31)), { code: 'invalid-hash', facts });
});

t.test('folding wraps around and XORs', async (t) => {
  t.same(compressHash(Uint8Array.of(1, 2, 4, 8, 16), 2), Uint8Array.of(1 ^ 4 ^ 16, 2 ^ 8));
  t.same(compressHash(Uint8Array.of(7), 3), Uint8Array.of(7, 0, 0));
  t.same(compressHash(new Uint8Array(), 2), new Uint8Array(2));
});
