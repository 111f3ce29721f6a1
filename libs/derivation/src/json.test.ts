import { isDeepStrictEqual } from 'node:util';
import { isUtf8 } from '@cooper/byte-string';
import fc from 'fast-check';
import t from 'tap';
import { arbitraryDerivation, arbitraryStoreDir } from '../../../test/support/arbitrary-derivation.ts';
import { type Derivation, fromJson, parseDerivation, printDerivation, toJson } from './index.ts';

const storeDir = arbitraryStoreDir;
const item = (digit: string, name: string) => `${storeDir}/${digit.repeat(32)}-${name}`;

const example = {
  outputs: { out: { path: item('0', 'x') } },
  inputSrcs: [item('1', 's')],
  inputDrvs: { [item('2', 'a.drv')]: ['doc', 'out'] },
  system: 'x86_64-linux',
  builder: '/bin/sh',
  args: ['-c', 'ä'],
  env: { ä: '\u{1f600}', out: item('0', 'x') },
};

t.test('an example, both ways', async (t) => {
  const derivation = fromJson(example, { storeDir });
  t.equal(derivation.args[1], '\xc3\xa4');
  t.same([...derivation.env.keys()], ['out', '\xc3\xa4'], 'in the order of their bytes');
  t.ok(isDeepStrictEqual(JSON.parse(JSON.stringify(toJson(derivation))), example));
});

t.test('the order is that of the bytes, not of UTF-16', async (t) => {
  const env = { '\u{10000}': 'second', '\uff5a': 'first' };
  t.same([...fromJson({ ...example, env }, { storeDir }).env.values()], ['first', 'second']);
});

t.test('names that JavaScript takes for its own', async (t) => {
  const text = JSON.stringify(example)
    .replace('"out":{', '"__proto__":{')
    .replace('"env":{', '"env":{"__proto__":"p","constructor":"c","10":"ten","9":"nine",');
  const derivation = fromJson(JSON.parse(text), { storeDir });
  t.same([...derivation.outputs.keys()], ['__proto__']);
  t.same([...derivation.env.keys()], ['10', '9', '__proto__', 'constructor', 'out', '\xc3\xa4']);
  const json = toJson(derivation);
  t.same(Object.keys(json.outputs), ['__proto__']);
  t.ok(Object.hasOwn(json.env, '__proto__'));
  t.equal(Reflect.get({}, 'p'), undefined, 'no prototype was touched');
  t.ok(printDerivation(fromJson(JSON.parse(JSON.stringify(json)), { storeDir })).equals(printDerivation(derivation)));
});

t.test('bytes that are not UTF-8 have no JSON form', async (t) => {
  const derivation = fromJson(example, { storeDir });
  const bad = '\xff' as Derivation['system'];
  const places: [Partial<Derivation>, string][] = [
    [{ system: bad }, 'the system'],
    [{ builder: bad }, 'the builder'],
    [{ args: [bad] }, 'an argument'],
    [{ env: new Map([[bad, bad]]) }, 'the name of an environment variable'],
    [{ env: new Map([['v' as Derivation['system'], bad]]) }, "environment variable `v'"],
  ];
  for (const [change, what] of places) {
    const message = `${what} is not UTF-8, so the derivation cannot be written as JSON`;
    t.throws(() => toJson({ ...derivation, ...change }), { code: 'not-utf8', message, facts: { what } });
  }
});

t.test('what is refused, and why', async (t) => {
  const output = { path: item('0', 'x') };
  const cases: [unknown, string, string?][] = [
    [null, 'the derivation is not an object'],
    [[], 'the derivation is not an object'],
    ['', 'the derivation is not an object'],
    [{ ...example, env: undefined }, 'env is not an object'],
    [{ outputs: {} }, "the derivation lacks the field `inputSrcs'"],
    [{ ...example, name: 'x' }, "the derivation has an unknown field `name'"],
    [{ ...example, outputs: { out: {} } }, "output `out' lacks the field `path'"],
    [{ ...example, outputs: { out: { ...output, method: 'nar' } } }, "output `out' has an unknown field `method'"],
    [{ ...example, outputs: { out: { ...output, hashAlgo: 'sha256' } } }, "output `out' lacks the field `hash'"],
    [{ ...example, outputs: { out: { path: 1 } } }, "path of output `out' is not a string"],
    [{ ...example, outputs: { out: { path: null } } }, "path of output `out' is not a string"],
    [{ ...example, outputs: { out: { ...output, hashAlgo: null, hash: null } } }, 'is not a string'],
    [{ ...example, outputs: { 'a/b': output } }, 'invalid name `a/b\': it contains "/"'],
    [{ ...example, outputs: { out: { path: '' } } }, 'known after the build only', 'unsupported'],
    [{ ...example, outputs: { out: { ...output, hashAlgo: 'sha256', hash: '00' } } }, 'is not 64 lower-case'],
    [{ ...example, inputSrcs: {} }, 'inputSrcs is not a list'],
    [{ ...example, inputSrcs: [item('1', 's'), item('1', 's')] }, 'occurs twice'],
    [{ ...example, inputSrcs: ['/etc/passwd'] }, 'is not a store path'],
    [{ ...example, inputDrvs: { [item('2', 'a')]: ['out'] } }, 'does not end in .drv'],
    [{ ...example, inputDrvs: { [item('2', 'a.drv')]: ['out', 'out'] } }, "`out' occurs twice"],
    [{ ...example, inputDrvs: { [item('2', 'a.drv')]: ['!'] } }, "invalid name `!'"],
    [{ ...example, inputDrvs: { [item('2', 'a.drv')]: { outputs: ['out'] } } }, 'is not a list'],
    [{ ...example, system: 1 }, 'system is not a string'],
    [{ ...example, builder: null }, 'builder is not a string'],
    [{ ...example, args: ['a', 1] }, 'an item of args is not a string'],
    [{ ...example, args: ['\ud800'] }, 'an item of args has a lone surrogate'],
    [{ ...example, env: { a: true } }, "environment variable `a' is not a string"],
    [{ ...example, env: { '\udc00': '' } }, 'a field of env has a lone surrogate'],
  ];
  for (const [json, reason, code = 'invalid'] of cases) {
    const fault = { code: `${code}-derivation`, message: reason, facts: { path: 'x.drv' } };
    t.throws(() => fromJson(json, { storeDir, path: 'x.drv' }), fault, reason);
  }
  t.throws(() => fromJson(null, { storeDir }), { message: /^error reading the JSON of derivation: / });
});

t.test('any derivation that is UTF-8 survives', async (t) => {
  let survived = 0;
  fc.assert(
    fc.property(arbitraryDerivation, (arbitrary) => {
      const { system, builder, args, env } = arbitrary;
      fc.pre([system, builder, ...args, ...env.keys(), ...env.values()].every(isUtf8));
      survived++;
      const bytes = printDerivation(arbitrary);
      const json = JSON.parse(JSON.stringify(toJson(parseDerivation(bytes, { storeDir }))));
      return printDerivation(fromJson(json, { storeDir })).equals(bytes);
    }),
  );
  t.ok(survived > 50);
});

t.test('arbitrary JSON is a derivation or a fault', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(example)), fc.jsonValue(), (field, value) => {
      try {
        return fromJson({ ...example, [field]: value }, { storeDir }) !== undefined;
      } catch (error) {
        return /^(invalid|unsupported)-derivation$/.test((error as { code?: string }).code ?? '');
      }
    }),
    { numRuns: 500 },
  );
});
