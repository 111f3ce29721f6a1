import { readFileSync } from 'node:fs';
import { type HashAlgorithm, hashBytes, makeHash, parseHash } from '@cooper/hash';
import t from 'tap';
import {
  makeFixedOutputPath,
  makeOutputPath,
  makeSourcePath,
  makeTextPath,
  outputPathName,
  parseStorePath,
  storePathName,
  storePathOfFingerprint,
} from './index.ts';

interface Vector {
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  readonly fingerprint?: string;
  readonly innerFingerprint?: string;
  readonly algo?: HashAlgorithm;
  readonly hash?: string;
  readonly narSha256?: string;
  readonly flatSha256?: string;
  readonly contents?: string;
  readonly references?: string[];
  readonly selfReference?: boolean;
}

/** The path of what a vector describes; undefined for outputs of derivations, whose tests are in @cooper/derivation. */
function computePath(storeDir: string, vector: Vector): string | undefined {
  const { name, references: texts = [], selfReference = false } = vector;
  const references = texts.map((text) => parseStorePath(storeDir, text));
  const hash = () => parseHash(vector.hash ?? '', vector.algo);
  switch (vector.kind) {
    case 'source':
      return makeSourcePath({ storeDir, name, hash: parseHash(vector.narSha256 ?? '', 'sha256'), references });
    case 'source-with-references':
      return makeSourcePath({ storeDir, name, hash: hash(), references, selfReference });
    case 'fixed-flat':
      return makeFixedOutputPath({ storeDir, name, hash: hash(), recursive: false, references });
    case 'fixed-recursive':
      return makeFixedOutputPath({ storeDir, name, hash: hash(), recursive: true, references });
    case 'text':
      return makeTextPath({ storeDir, name, contentsHash: parseHash(vector.flatSha256 ?? '', 'sha256'), references });
    default:
      return undefined;
  }
}

// Recorded from Nix 2.8.0 with the store directories /nix/store and /gnu/store.
for (const [file, storeDir] of [
  ['nix.json', '/nix/store'],
  ['gnu.json', '/gnu/store'],
] as const) {
  const golden = new URL(`../../../test/golden/store-path/${file}`, import.meta.url);
  const { vectors } = JSON.parse(readFileSync(golden, 'utf8')) as { vectors: Vector[] };

  t.test(`paths recorded in ${storeDir}`, async (t) => {
    t.equal(vectors.length, 92);
    const computed = vectors.filter((vector) => {
      const path = computePath(storeDir, vector);
      if (path !== undefined) t.equal(path, vector.path, vector.path);
      return path !== undefined;
    });
    t.equal(computed.length, 79);
  });

  t.test(`fingerprints recorded in ${storeDir}`, async (t) => {
    const recorded = vectors.filter((vector) => vector.fingerprint !== undefined);
    t.equal(recorded.length, 79);
    for (const { name, fingerprint = '', path } of recorded) {
      t.equal(storePathOfFingerprint({ storeDir, name }, fingerprint), path);
    }
  });

  t.test(`texts recorded in ${storeDir} have the hashes stated`, async (t) => {
    const texts = vectors.filter((vector) => vector.contents !== undefined);
    t.ok(texts.length > 0);
    for (const { contents = '', flatSha256 = '' } of texts) {
      t.same(hashBytes('sha256', Buffer.from(contents)), parseHash(flatSha256, 'sha256'));
    }
  });
}

const storeDir = '/gnu/store';
const zeros = makeHash('sha256', new Uint8Array(32));
const a = parseStorePath(storeDir, `/gnu/store/${'a'.repeat(32)}-a`);
const b = parseStorePath(storeDir, `/gnu/store/${'b'.repeat(32)}-b`);

t.test('the order of references and their number do not matter', async (t) => {
  const path = makeTextPath({ storeDir, name: 'x', contentsHash: zeros, references: [a, b] });
  t.equal(makeTextPath({ storeDir, name: 'x', contentsHash: zeros, references: [b, a, b] }), path);
  t.not(makeTextPath({ storeDir, name: 'x', contentsHash: zeros, references: [a] }), path);
});

t.test('only what is hashed as a source may have references', async (t) => {
  const sha1 = makeHash('sha1', new Uint8Array(20));
  const refused = [
    { storeDir, name: 'x', hash: zeros, recursive: false, references: [a] },
    { storeDir, name: 'x', hash: sha1, recursive: true, references: [a] },
    { storeDir, name: 'x', hash: sha1, recursive: true, selfReference: true },
  ];
  for (const item of refused) t.throws(() => makeFixedOutputPath(item), { code: 'invalid-fixed-output' });
});

t.test('outputs append their names, except out', async (t) => {
  t.equal(outputPathName('hello', 'out'), 'hello');
  t.equal(outputPathName('hello', 'doc'), 'hello-doc');
  t.equal(storePathName(makeOutputPath({ storeDir, name: 'hello', output: 'doc', hashModulo: zeros })), 'hello-doc');
});

t.test('no path is made for a bad name', async (t) => {
  const item = { storeDir, name: 'a/b', hash: zeros };
  t.throws(() => makeSourcePath(item), { code: 'invalid-store-name' });
  t.throws(() => makeFixedOutputPath({ ...item, recursive: false }), { code: 'invalid-store-name' });
  t.throws(() => makeTextPath({ ...item, contentsHash: zeros, references: [] }), { code: 'invalid-store-name' });
  t.throws(() => makeOutputPath({ storeDir, name: 'n'.repeat(210), output: 'doc', hashModulo: zeros }), {
    code: 'invalid-store-name',
  });
});
