import type { ByteString } from '@cooper/byte-string';
import { parseStorePath } from '@cooper/store-path';
import t from 'tap';
import { checkDerivation, completeDerivation, type Derivation, HashModulo } from './index.ts';

const storeDir = '/gnu/store';
const path = (name: string) => parseStorePath(storeDir, `${storeDir}/${'0'.repeat(32)}-${name}`);
const bytes = (text: string) => text as ByteString;
const hashModulo = new HashModulo((path) => {
  throw new Error(`no ${path}`);
});

/** A derivation called `x` with the outputs `doc` and `out`, and one thing changed before its paths are computed. */
function complete(change: Partial<Omit<Derivation, 'outputs'>>): Derivation {
  const output = { hashAlgo: '', hash: '' };
  const draft = {
    outputs: new Map([
      ['doc', output],
      ['out', output],
    ]),
    inputDerivations: new Map(),
    inputSources: [],
    system: bytes('s'),
    builder: bytes('b'),
    args: [bytes('')],
    env: new Map([[bytes('a'), bytes('b')]]),
    ...change,
  };
  return completeDerivation({ storeDir, name: 'x', derivation: draft, hashModulo });
}

const check = (derivation: Derivation, name = 'x.drv') =>
  checkDerivation(derivation, { storeDir, path: path(name), hashModulo });

t.test('a derivation whose paths were computed passes', async (t) => {
  t.doesNotThrow(() => check(complete({})));
});

t.test('S47: a forged output path', async (t) => {
  const good = complete({});
  const [doc, out] = [good.outputs.get('doc'), good.outputs.get('out')];
  if (doc === undefined || out === undefined) throw new Error('outputs are missing');
  const forged = { ...out, path: path('other') };
  const fault = { code: 'incorrect-output-path', facts: { path: path('x.drv'), output: 'out', expected: out.path } };
  const outputs = new Map([
    ['doc', doc],
    ['out', forged],
  ]);
  t.throws(() => check({ ...good, outputs }), {
    ...fault,
    message: `derivation \`${path('x.drv')}' has incorrect output \`${forged.path}', should be \`${out.path}'`,
  });
  const env = new Map([...good.env, [bytes('out'), forged.path]]);
  t.throws(() => check({ ...good, outputs, env }), fault, 'forged in both places');
});

t.test('a variable of the environment that is not the output path', async (t) => {
  const good = complete({});
  for (const value of [bytes(''), bytes('\xff'), path('other'), undefined]) {
    const env = new Map(good.env);
    if (value === undefined) env.delete(bytes('doc'));
    else env.set(bytes('doc'), value);
    const expected = good.outputs.get('doc')?.path;
    const facts = { output: 'doc', expected };
    const message = `has incorrect environment variable \`doc', should be \`${expected}'`;
    t.throws(() => check({ ...good, env }), { code: 'incorrect-output-variable', facts, message });
  }
});

t.test('another name, and anything else that changes, gives other paths', async (t) => {
  const good = complete({});
  t.throws(() => check(good, 'y.drv'), { code: 'incorrect-output-path' });
  for (const change of [
    { system: bytes('t') },
    { builder: bytes('c') },
    { args: [] },
    { inputSources: [path('s')] },
    { env: new Map([...good.env, [bytes('a'), bytes('c')]]) },
  ]) {
    t.throws(() => check({ ...good, ...change }), { code: 'incorrect-output-path' });
  }
});

t.test('NUL bytes, which no process can be given', async (t) => {
  const places: [Partial<Omit<Derivation, 'outputs'>>, string][] = [
    [{ builder: bytes('/bin/sh\0') }, 'its builder'],
    [{ args: [bytes('a'), bytes('\0')] }, 'an argument'],
    [{ env: new Map([[bytes('a\0'), bytes('')]]) }, 'the name of an environment variable'],
    [{ env: new Map([[bytes('a'), bytes('b\0c')]]) }, 'an environment variable'],
  ];
  for (const [change, place] of places) {
    const message = `derivation \`${path('x.drv')}' has a NUL byte in ${place}, which no process can be given`;
    t.throws(() => check(complete(change)), { code: 'invalid-derivation', message });
  }
});
