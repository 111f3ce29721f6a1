/**
 * Derivations made by Nix 2.8.0 and Guix: read, printed, and all that follows from them computed again.
 */
import { compareBytes } from '@cooper/byte-string';
import { hashBytes } from '@cooper/hash';
import { parseStorePath, type StorePath, storePathBaseName } from '@cooper/store-path';
import t from 'tap';
import { readGoldenBundle, readGoldenJson } from '../../../test/support/golden.ts';
import {
  checkDerivation,
  computeDerivationPath,
  computeOutputPaths,
  type Derivation,
  type DerivationJson,
  derivationName,
  derivationReferences,
  fromJson,
  HashModulo,
  isFixedOutput,
  parseDerivation,
  printDerivation,
  toJson,
} from './index.ts';

/** The derivations of one store, by base name. */
class RecordedStore {
  readonly storeDir: string;
  readonly files: ReadonlyMap<string, Buffer>;
  readonly hashModulo = new HashModulo((path) => this.read(path));

  constructor(storeDir: string, bundle: string) {
    this.storeDir = storeDir;
    const files = readGoldenBundle(`derivation/${bundle}`);
    this.files = new Map([...files].map(([name, bytes]) => [name.slice(name.lastIndexOf('/') + 1), bytes]));
  }

  paths(): StorePath[] {
    return [...this.files.keys()].map((name) => this.path(name));
  }

  path(baseName: string): StorePath {
    return parseStorePath(this.storeDir, `${this.storeDir}/${baseName}`);
  }

  bytes(path: StorePath): Buffer {
    const bytes = this.files.get(storePathBaseName(path));
    if (bytes === undefined) throw new Error(`${path} is not in the bundle`);
    return bytes;
  }

  read(path: StorePath): Derivation {
    return parseDerivation(this.bytes(path), { storeDir: this.storeDir, path });
  }

  outputPaths(path: StorePath): Record<string, string> {
    const { storeDir, hashModulo } = this;
    const named = { storeDir, name: derivationName(path), derivation: this.read(path), hashModulo };
    return Object.fromEntries(computeOutputPaths(named));
  }
}

/** Cases whose environments have bytes that are not UTF-8, so that they have no JSON form. */
const notUtf8 = new Set([
  '223nwzhq2v8yh6q0l6a7xniy6sn4708f-bytes-latin1.drv',
  'swyzz934h2874b19i6810gfy0zykzcgp-bytes-bad-utf8.drv',
  'j30wc5f8g9xmhlfp415p6dgl06i5zhc7-bytes-latin1.drv',
  'jm8l6p4fnvhcb2xfarcj9sb29jz822vh-bytes-bad-utf8.drv',
]);

const stores = [
  { name: 'cases of Nix', store: new RecordedStore('/nix/store', 'nix.drvs.tar.zst'), count: 175 },
  { name: 'cases of Nix in /gnu/store', store: new RecordedStore('/gnu/store', 'gnu.drvs.tar.zst'), count: 175 },
  { name: 'a random graph', store: new RecordedStore('/nix/store', 'dag-2000-nix.drvs.tar.zst'), count: 2001 },
  { name: 'the same in /gnu/store', store: new RecordedStore('/gnu/store', 'dag-2000-gnu.drvs.tar.zst'), count: 2001 },
  { name: "what Guix's daemon built", store: new RecordedStore('/gnu/store', 'guix-daemon.drvs.tar.zst'), count: 99 },
  { name: "GNU hello's closure", store: new RecordedStore('/gnu/store', 'guix-hello.drvs.tar.zst'), count: 207 },
] as const;

for (const { name, store, count } of stores) {
  t.test(`${name}: printing is the inverse of parsing`, async (t) => {
    t.equal(store.files.size, count);
    const changed = store.paths().filter((path) => !printDerivation(store.read(path)).equals(store.bytes(path)));
    t.same(changed, []);
  });

  t.test(`${name}: every derivation passes the checks`, async (t) => {
    const { storeDir, hashModulo } = store;
    for (const path of store.paths()) checkDerivation(store.read(path), { storeDir, path, hashModulo });
    t.pass();
  });

  t.test(`${name}: paths of the derivations themselves`, async (t) => {
    const wrong = store.paths().filter((path) => {
      return computeDerivationPath(store.storeDir, derivationName(path), store.read(path)) !== path;
    });
    t.same(wrong, []);
  });

  t.test(`${name}: JSON, there and back`, async (t) => {
    for (const path of store.paths()) {
      if (notUtf8.has(storePathBaseName(path))) continue;
      const json = JSON.parse(JSON.stringify(toJson(store.read(path))));
      const read = fromJson(json, { storeDir: store.storeDir, path });
      if (!printDerivation(read).equals(store.bytes(path))) t.fail(path);
    }
    t.pass();
  });
}

/** JSON as text that does not depend on the order of keys, with `__proto__` a key like the others. */
function sortedText(json: unknown): string {
  return JSON.stringify(json, (_key, value) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? Object.entries(value).sort(([a], [b]) => compareBytes(a, b)) : value;
  });
}

interface RecordedPath {
  readonly path: string;
  readonly references: readonly string[];
  readonly sha256OfFile?: string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly showDerivation?: DerivationJson;
}

interface RecordedCases {
  readonly cases: Readonly<Record<string, string>>;
  readonly paths: Readonly<Record<string, RecordedPath>>;
}

for (const [recording, store] of [
  ['nix.json.zst', stores[0].store],
  ['gnu.json.zst', stores[1].store],
] as const) {
  const { cases, paths } = readGoldenJson<RecordedCases>(`derivation/${recording}`);
  const derivations = Object.entries(paths).filter(([name]) => store.files.has(name));

  t.test(`${recording}: the recording is whole`, async (t) => {
    t.equal(Object.keys(cases).length, 59);
    t.equal(derivations.length, 175);
    t.ok(Object.values(cases).every((name) => store.files.has(name)));
  });

  t.test(`${recording}: what Nix's evaluator computed for outputs`, async (t) => {
    for (const [name, { outputs }] of derivations) {
      t.equal(sortedText(store.outputPaths(store.path(name))), sortedText(outputs), name);
    }
  });

  t.test(`${recording}: references and hashes of the files`, async (t) => {
    for (const [name, { path, references, sha256OfFile }] of derivations) {
      const derivation = store.read(parseStorePath(store.storeDir, path));
      t.same(derivationReferences(derivation), [...references].sort(), name);
      t.equal(Buffer.from(hashBytes('sha256', printDerivation(derivation)).digest).toString('hex'), sha256OfFile);
    }
  });

  t.test(`${recording}: what nix show-derivation says`, async (t) => {
    for (const [name, { showDerivation }] of derivations) {
      const path = store.path(name);
      if (showDerivation === undefined) t.throws(() => toJson(store.read(path)), { code: 'not-utf8' }, name);
      else t.equal(sortedText(toJson(store.read(path))), sortedText(showDerivation), name);
    }
    const unshown = derivations.filter(([, { showDerivation }]) => showDerivation === undefined);
    t.equal(unshown.length, 2);
    t.ok(unshown.every(([name]) => notUtf8.has(name)));
  });
}

interface RecordedGraph {
  readonly top: string;
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

for (const [recording, store] of [
  ['dag-2000-nix.expected.json.zst', stores[2].store],
  ['dag-2000-gnu.expected.json.zst', stores[3].store],
] as const) {
  t.test(`${recording}: outputs of a graph of 2,001 derivations`, async (t) => {
    const { outputs } = readGoldenJson<RecordedGraph>(`derivation/${recording}`);
    t.equal(Object.keys(outputs).length, 2001);
    const computed = Object.fromEntries(
      Object.keys(outputs).map((name) => [name, store.outputPaths(store.path(name))]),
    );
    t.same(computed, outputs);
  });
}

interface GuixOutput {
  readonly path: string;
  readonly hash?: string;
}

interface GuixDerivation {
  readonly outputs: Readonly<{ out?: GuixOutput } & Record<string, GuixOutput>>;
  readonly 'input-derivations': Readonly<Record<string, readonly string[]>>;
  readonly 'input-sources': readonly string[];
  readonly system: string;
  readonly builder: string;
  readonly 'number-of-args': number;
  readonly 'env-names': readonly string[];
}

t.test("GNU hello's closure, as Guix's client sees it", async (t) => {
  const { store } = stores[5];
  const { derivations } = readGoldenJson<{ derivations: Record<string, GuixDerivation> }>(
    'derivation/guix-hello.expected.json.zst',
  );
  t.equal(Object.keys(derivations).length, 207);
  let fixed = 0;
  for (const [text, expected] of Object.entries(derivations)) {
    const path = parseStorePath(store.storeDir, text);
    const derivation = store.read(path);
    if (isFixedOutput(derivation)) fixed++;
    const outputs = Object.entries(expected.outputs).map(([name, output]) => [name, output.path]);
    t.same(store.outputPaths(path), Object.fromEntries(outputs));
    t.same(toJson(derivation).inputDrvs, expected['input-derivations']);
    t.same(derivation.inputSources, expected['input-sources']);
    t.equal(derivation.system, expected.system);
    t.equal(derivation.builder, expected.builder);
    t.equal(derivation.args.length, expected['number-of-args']);
    t.same([...derivation.env.keys()], expected['env-names']);
    t.equal(derivation.outputs.get('out')?.hash, expected.outputs.out?.hash ?? '');
  }
  t.equal(fixed, 86);
});

t.test('experimental derivations are refused as such', async (t) => {
  const files = readGoldenBundle('derivation/experimental.drvs.tar.zst');
  t.equal(files.size, 4);
  for (const [path, bytes] of files) {
    t.throws(() => parseDerivation(bytes, { storeDir: '/nix/store', path }), { code: 'unsupported-derivation' }, path);
  }
});
