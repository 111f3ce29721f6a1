/**
 * The cases of `test/golden/derivation/nix.json.zst`, written as recipes: each says what a Nix expression of that name
 * said to `nix-instantiate`.
 */
import { readFileSync } from 'node:fs';
import { derivation, nixDerivation, type RecipeDerivation, source, text } from '../../libs/recipe/src/index.ts';
import { common, count, fetchedA, fetchedB, golden, leaf, lib3, ok } from './nix-case-parts.ts';
import { nixFixedCases } from './nix-fixed-cases.ts';

const proto = nixDerivation({
  ...ok,
  name: 'js-outputs',
  outputs: ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'out', 'valueOf'],
});
const tree = source(new URL('tree', golden('')));
const filtered = source(new URL('filtered', golden('')));
const file = source(golden('source.txt'));

/** By the name of the case, which is the name of the derivation, too, where the recipe takes it. */
export const nixCases: Readonly<Record<string, (name: string) => RecipeDerivation>> = {
  ...nixFixedCases,
  plain: () => leaf,
  'empty-args': (name) => nixDerivation({ ...common, name }),
  'outputs-three': () => lib3,
  'outputs-declared-unsorted': () =>
    nixDerivation({ ...ok, name: 'unsorted', outputs: ['lib', 'out', 'bin', 'debug', 'a.b', 'a-b', 'B'] }),
  'outputs-no-out': () => nixDerivation({ ...ok, name: 'no-out', outputs: ['lib'] }),
  'outputs-proto': () => proto,
  quoting: (name) =>
    nixDerivation({
      ...ok,
      name,
      args: ['"', '\\', '\\"', 'a\nb', 'a\tb', 'a\rb', 'a\\nb', "'", '$x', '$' + '{y}', '`'],
      dq: '"',
      bs: '\\',
      bsdq: '\\"',
      nl: '\n',
      crlf: '\r\n',
      tab: '\t',
      lit: '\\n\\t\\r\\\\',
      trail: 'x\\',
      many: '""\\\\""\n\n',
    }),
  unicode: (name) =>
    nixDerivation({
      ...ok,
      name,
      args: ['äöü', '日本語', '🦆'],
      ключ: 'значение',
      combining: 'eu0301', // the language has no such escape
      euro: '€',
      nbsp: ' ',
      bmpEdge: '\u{ffff}',
      astral: '𝄞',
      B: '1',
      a: '2',
      ä: '3',
      ｚ: '4',
      𐀀: '5',
    }),
  'empty-strings': (name) => nixDerivation({ ...ok, name, args: ['', ''], empty: '', '': 'empty name' }),
  'js-names': (name) =>
    nixDerivation({
      ...ok,
      name,
      ...{ ['__proto__']: 'p', constructor: 'c', toString: 't', hasOwnProperty: 'h', __defineGetter__: 'g' },
      ...{ valueOf: 'v', prototype: 'pr', '0': 'zero', '10': 'ten', '9': 'nine', '-1': 'minus one', length: 'l' },
    }),
  'js-proto-dep': (name) =>
    // biome-ignore lint/suspicious/noProto: the output of this name is meant
    nixDerivation({ ...ok, name, dep: proto.outputs.__proto__, dep2: proto.outputs.constructor }),
  'bytes-latin1': (name) => nixDerivation({ ...ok, name, data: readFileSync(golden('bytes-latin1.txt')) }),
  'bytes-bad-utf8': (name) => {
    const data = readFileSync(golden('bytes-bad-utf8.txt'));
    return nixDerivation({ ...ok, name, data, args: [data] });
  },
  'bytes-control': (name) => nixDerivation({ ...ok, name, data: readFileSync(golden('bytes-control.txt')) }),
  coerced: (name) =>
    nixDerivation({
      ...ok,
      name,
      ...{ yes: true, no: false, nothing: null, int: 42, negative: -1, list: ['a', 'b', ['c', 1], true, null] },
      args: ['x', 1, true, false, null],
    }),
  'ignore-nulls': (name) => nixDerivation({ ...ok, name, __ignoreNulls: true, nothing: null, something: 's' }),
  'chain-50': () =>
    count(50).reduce<RecipeDerivation>((prev, i) => nixDerivation({ ...ok, name: `chain-${i}`, prev }), leaf),
  diamond: () => {
    const b = nixDerivation({ ...ok, name: 'diamond-b', dep: leaf });
    const c = nixDerivation({ ...ok, name: 'diamond-c', dep: leaf });
    return nixDerivation({ ...ok, name: 'diamond-top', deps: [b, c, leaf] });
  },
  'some-outputs': (name) => nixDerivation({ ...ok, name, a: lib3.doc, b: lib3.dev }),
  'one-output': (name) => nixDerivation({ ...ok, name, a: lib3.dev }),
  'all-outputs': (name) => nixDerivation({ ...ok, name, a: Object.values(lib3.outputs) }),
  sources: (name) =>
    nixDerivation({
      ...ok,
      ...{ name, file, dir: tree, filtered, text: text('text', 'some text\n') },
      flat: source(golden('source.txt'), { name: 'flat', recursive: false }),
    }),
  'text-with-reference': (name) => nixDerivation({ ...ok, name, text: text('with-ref', `see ${file}\n`) }),
  // In the Nix language `drvPath` brings the derivation's outputs, too; here the file is the file.
  'drvpath-as-input': (name) =>
    derivation({
      ...ok,
      name,
      env: { name, system: ok.system, builder: ok.builder, it: leaf.file, other: lib3.file },
      inputs: [leaf],
    }),
  placeholder: (name) =>
    nixDerivation({
      ...ok,
      name,
      outputs: ['out', 'dev'],
      prefix: '/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9',
      devPrefix: '/02qcpld1y6xhs5gz9bchpxaw0xdhmsp5dv88lh25r2ss44kh8dxz',
    }),
  scheduling: (name) =>
    nixDerivation({
      ...ok,
      ...{ name, preferLocalBuild: true, allowSubstitutes: false, __noChroot: true },
      requiredSystemFeatures: ['kvm', 'big-parallel', 'benchmark'],
      __impureHostDeps: ['/usr/lib/x'],
    }),
  'reference-checks': (name) =>
    nixDerivation({
      ...ok,
      name,
      outputs: ['out', 'dev'],
      allowedReferences: ['out', leaf, lib3.dev],
      allowedRequisites: [leaf],
      disallowedReferences: [lib3.doc],
      disallowedRequisites: ['dev'],
    }),
  'pass-as-file': (name) =>
    nixDerivation({
      ...ok,
      ...{ name, passAsFile: ['big', 'script'], big: 'content of big', script: 'echo hello\n' },
    }),
  'name-all-characters': () =>
    nixDerivation({ ...ok, name: '+-._?=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz' }),
  'name-leading-dash': () => nixDerivation({ ...ok, name: '-x' }),
  'name-one-character': () => nixDerivation({ ...ok, name: '?' }),
  'name-ends-in-drv-part': () => nixDerivation({ ...ok, name: 'a.drv.tar' }),
  'name-longest': () => nixDerivation({ ...ok, name: 'n'.repeat(207) }),
  'many-env': (name) =>
    nixDerivation({ ...ok, name, ...Object.fromEntries(count(300).map((i) => [`v${i}`, String(i * i)])) }),
  'many-args': (name) => nixDerivation({ ...ok, name, args: count(300).map((i) => `arg ${i}`) }),
  'long-value': (name) =>
    nixDerivation({
      ...ok,
      name,
      big: count(6000)
        .map((i) => `line ${i}\n`)
        .join(''),
    }),
  'many-inputs': (name) => {
    const inputs = count(60).map((i) => nixDerivation({ ...ok, name: `input-${i}` }));
    return nixDerivation({ ...ok, name, deps: [...inputs, lib3.dev, fetchedA, fetchedB, file] });
  },
  'foreign-system': () =>
    nixDerivation({ name: 'foreign', system: 'aarch64-linux', builder: `${leaf}/bin/sh`, args: [file] }),
  'export-graph': (name) => {
    const exportReferencesGraph = ['graph-leaf', leaf, 'graph-drv', lib3.file];
    const { system, builder, args } = ok;
    const inputs = Object.values(lib3.outputs);
    return derivation({ system, builder, args, name, env: { name, system, builder, exportReferencesGraph }, inputs });
  },
  structured: (name) => {
    const attributes = {
      builder: '/bin/sh',
      dep: leaf,
      exportReferencesGraph: { graph: [leaf] },
      name,
      nested: { ['__proto__']: { b: 'c' }, a: [1, 2.5, true, null, 'x"y'], ä: 'ö' },
      outputChecks: { out: { allowedReferences: [leaf] } },
      outputs: ['out', 'dev'],
      system: 'x86_64-linux',
    };
    return derivation({ ...ok, name, outputs: ['out', 'dev'], env: { __json: JSON.stringify(attributes) } });
  },
};
