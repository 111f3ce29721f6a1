import type { ByteString } from '@cooper/byte-string';
import { equalHashes, formatHash, hashBytes } from '@cooper/hash';
import { parseStorePath, type StorePath } from '@cooper/store-path';
import t from 'tap';
import { type Derivation, HashModulo, hashDerivationModulo } from './index.ts';

const storeDir = '/gnu/store';

function path(number: number, suffix = '.drv'): StorePath {
  return parseStorePath(storeDir, `${storeDir}/${String(number).padStart(32, '0')}-d${suffix}`);
}

interface Recipe {
  readonly inputs?: readonly (readonly [StorePath, readonly string[]])[];
  readonly outputs?: readonly string[];
  readonly fixed?: string;
  readonly arg?: string;
}

function derivation({ inputs = [], outputs = ['out'], fixed = '', arg = '' }: Recipe): Derivation {
  const output = { path: path(9, ''), hashAlgo: fixed === '' ? '' : 'sha256', hash: fixed };
  return {
    outputs: new Map(outputs.map((name) => [name, output])),
    inputDerivations: new Map(inputs),
    inputSources: [],
    system: 's' as ByteString,
    builder: 'b' as ByteString,
    args: [arg as ByteString],
    env: new Map(),
  };
}

/** A lookup in a table that counts how often it was asked. */
function tableOf(derivations: Iterable<readonly [StorePath, Derivation]>) {
  const table = new Map(derivations);
  const asked = new Map<StorePath, number>();
  const lookup = (path: StorePath) => {
    asked.set(path, (asked.get(path) ?? 0) + 1);
    const found = table.get(path);
    if (found === undefined) throw new Error(`no ${path}`);
    return found;
  };
  return { lookup, asked, hashModulo: new HashModulo(lookup) };
}

const hex = (text: string) => formatHash(hashBytes('sha256', Buffer.from(text, 'latin1')), 'base16');
const out = `("out","${path(9, '')}","","")`;

t.test('what is hashed: the text with inputs named by their hashes', async (t) => {
  const { hashModulo } = tableOf([[path(1), derivation({})]]);
  const inner = hex(`Derive([${out}],[],[],"s","b",[""],[])`);
  t.equal(formatHash(hashModulo.ofPath(path(1)), 'base16'), inner);
  const outer = derivation({ inputs: [[path(1), ['out']]] });
  const text = (outputs: string, env: string) => `Derive([${outputs}],[("${inner}",["out"])],[],"s","b",[""],[${env}])`;
  t.equal(formatHash(hashModulo.ofDerivation(outer), 'base16'), hex(text(out, '')));
  t.equal(formatHash(hashModulo.masked(outer), 'base16'), hex(text('("out","","","")', '("out","")')));
});

t.test('what is hashed: a fixed output by what it is', async (t) => {
  const zeros = '0'.repeat(64);
  const { hashModulo, asked } = tableOf([]);
  const fixed = derivation({ fixed: zeros, inputs: [[path(404), ['out']]] });
  const expected = hex(`fixed:out:sha256:${zeros}:${path(9, '')}`);
  t.equal(formatHash(hashModulo.ofDerivation(fixed), 'base16'), expected);
  t.equal(asked.size, 0, 'its inputs do not count, even if they are absent');
  const again = tableOf([[path(1), fixed]]);
  t.equal(formatHash(again.hashModulo.ofPath(path(1)), 'base16'), expected);
});

t.test('inputs with one hash become one, with the names of both', async (t) => {
  const twin = derivation({ outputs: ['doc', 'out'] });
  const { hashModulo } = tableOf([
    [path(1), twin],
    [path(2), twin],
  ]);
  const both = derivation({
    inputs: [
      [path(1), ['out']],
      [path(2), ['doc']],
    ],
  });
  const one = derivation({ inputs: [[path(1), ['doc', 'out']]] });
  t.ok(equalHashes(hashModulo.ofDerivation(both), hashModulo.ofDerivation(one)));
});

t.test('an output that the input does not have is refused', async (t) => {
  const { hashModulo } = tableOf([[path(1), derivation({})]]);
  const dependent = derivation({ inputs: [[path(1), ['doc', 'out']]] });
  const fault = { code: 'invalid-derivation', facts: { input: path(1), output: 'doc' } };
  t.throws(() => hashModulo.masked(dependent), fault);
  t.throws(() => hashModulo.masked(dependent), fault, 'also when the input is known already');
});

t.test('what the lookup throws comes through, and is not remembered', async (t) => {
  let present = false;
  const hashModulo = new HashModulo((path) => {
    if (!present) throw new Error(`no ${path}`);
    return derivation({});
  });
  t.throws(() => hashModulo.ofPath(path(1)), { message: `no ${path(1)}` });
  present = true;
  t.ok(hashModulo.ofPath(path(1)));
});

t.test('derivations that depend on themselves are refused', async (t) => {
  const { hashModulo } = tableOf([
    [path(1), derivation({ inputs: [[path(2), ['out']]] })],
    [path(2), derivation({ inputs: [[path(3), ['out']]] })],
    [path(3), derivation({ inputs: [[path(2), ['out']]] })],
    [path(4), derivation({ inputs: [[path(4), ['out']]] })],
  ]);
  for (const [start, cycle] of [
    [1, 2],
    [3, 3],
    [4, 4],
  ] as const) {
    const message = `derivation \`${path(cycle)}' depends on itself`;
    t.throws(() => hashModulo.ofPath(path(start)), { code: 'invalid-derivation', message });
  }
});

t.test('a chain of 100,000', async (t) => {
  const length = 100_000;
  const { hashModulo, asked } = tableOf(
    Array.from({ length }, (_, index) => {
      const inputs = index === 0 ? [] : ([[path(index - 1), ['out']]] as const);
      return [path(index), derivation({ inputs })] as const;
    }),
  );
  t.ok(hashModulo.ofPath(path(length - 1)));
  t.equal(asked.size, length);
});

/** `levels` times two derivations, each of which needs both of the level below: 2^levels ways to the ground. */
function diamonds(levels: number) {
  return tableOf(
    Array.from({ length: levels * 2 }, (_, index) => {
      const below = index - (index % 2) - 2;
      const inputs =
        below < 0 ? [] : ([below, below + 1].map((input) => [path(input), ['out']]) as [StorePath, string[]][]);
      return [path(index), derivation({ inputs, arg: String(index) })] as const;
    }),
  );
}

t.test('20,000 inputs with one hash', async (t) => {
  const twin = derivation({});
  const inputs = Array.from({ length: 20_000 }, (_, index) => [path(index), ['out']] as const);
  const { hashModulo } = tableOf(inputs.map(([path]) => [path, twin]));
  const start = performance.now();
  const many = hashModulo.ofDerivation(derivation({ inputs }));
  t.ok(performance.now() - start < 5000, 'in time');
  t.ok(equalHashes(many, hashModulo.ofDerivation(derivation({ inputs: inputs.slice(0, 1) }))));
});

t.test('S53: 80 levels of diamonds: each derivation is looked up once', async (t) => {
  const { lookup, hashModulo, asked } = diamonds(80);
  t.ok(hashModulo.ofPath(path(159)));
  t.ok(hashModulo.ofPath(path(158)));
  t.equal(asked.size, 160);
  t.same([...new Set(asked.values())], [1]);
  t.ok(equalHashes(hashDerivationModulo(lookup(path(159)), lookup), hashModulo.ofPath(path(159))));
});
