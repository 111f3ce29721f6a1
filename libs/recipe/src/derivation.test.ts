import { isFault } from '@cooper/fault';
import t from 'tap';
import { readGoldenJson } from '../../../test/support/golden.ts';
import { type DerivationOptions, derivation, nixDerivation, text } from './index.ts';

const base = { name: 'x', system: 'x86_64-linux', builder: '/bin/sh' };
const hash = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
const fixed = { outputHash: hash, outputHashAlgo: 'sha256', outputHashMode: 'flat' } as const;

/** What Nix refuses or not, by the names of the recorded verdicts. */
const attempts: Readonly<Record<string, Record<string, unknown>>> = {
  'builder-empty': { builder: '' },
  'env-nul': { v: 'a\0b' },
  'fixed-bad-algo': { ...fixed, outputHashAlgo: 'sha3' },
  'fixed-bad-length': { ...fixed, outputHash: '00' },
  'fixed-bad-mode': { ...fixed, outputHashMode: 'tree' },
  'fixed-empty-hash': { ...fixed, outputHash: '' },
  'fixed-no-algo': { outputHash: hash, outputHashMode: 'flat' },
  'fixed-other-output': { ...fixed, outputs: ['lib'] },
  'fixed-two-outputs': { ...fixed, outputs: ['out', 'dev'] },
  'missing-builder': { builder: undefined },
  'name-207-with-output': { name: 'n'.repeat(207), outputs: ['out', 'debug'] },
  'name-208': { name: 'n'.repeat(208) },
  'name-212': { name: 'n'.repeat(212) },
  'name-empty': { name: '' },
  'name-ends-drv': { name: 'x.drv' },
  'name-leading-dot': { name: '.x' },
  'name-newline': { name: 'a\n' },
  'name-space': { name: 'a b' },
  'name-unicode': { name: 'ä' },
  'name-with-slash': { name: 'a/b' },
  'outputs-dotdot': { outputs: ['..'] },
  'outputs-drv': { outputs: ['drv'] },
  'outputs-duplicate': { outputs: ['out', 'out'] },
  'outputs-empty': { outputs: [] },
  'outputs-empty-name': { outputs: [''] },
  'outputs-slash': { outputs: ['a/b'] },
  'outputs-space': { outputs: ['a b'] },
  'outputs-string-split': { outputs: 'a b' },
  'system-empty': { system: '' },
};

/** Refused here though Nix takes them: it cuts, guesses or makes what no store could hold. */
const stricter = new Set([
  'env-nul',
  'fixed-empty-hash',
  'name-leading-dot',
  'outputs-dotdot',
  'outputs-space',
  'outputs-string-split',
]);

t.test('what the Nix language refuses is refused', async (t) => {
  const verdicts = readGoldenJson<{ case: string; refused: boolean }[]>('recipe/evaluation-refused.json');
  for (const { case: name, refused } of verdicts) {
    const attempt = { ...base, ...attempts[name] } as DerivationOptions;
    t.ok(name in attempts, `${name} is tried`);
    if (!refused) t.ok(stricter.has(name), `${name} is taken by Nix`);
    t.throws(() => nixDerivation(attempt as never), { code: 'invalid-recipe' }, name);
  }
});

t.test('a fault says what is wrong, where', async (t) => {
  const failing: readonly [Record<string, unknown>, RegExp][] = [
    [{ arg: [] }, /derivation `x': there is no option `arg' \(there are name, .*outputHashMode\)/],
    [{ args: '-c' }, /`args' is of type string, not array/],
    [{ args: ['a', { b: 1 }] }, /args\[1\]: a value may not be an object/],
    [{ args: [undefined] }, /args\[0\]: a value may not be undefined/],
    [{ env: { v: 1.5 } }, /env\.v: the number 1\.5 has more than one way to be written/],
    [{ env: { v: '\ud800' } }, /env\.v: the string "\\ud800" has a lone surrogate/],
    [{ env: { out: '/x' } }, /the variable `out' holds the path of the output of that name/],
    [{ inputs: ['/gnu/store/x'] }, /inputs\[0\] is not something that a recipe makes/],
    [{ outputHashAlgo: 'sha256' }, /there is no `outputHash'/],
    [{ builder: text('t', 'x').toString().toUpperCase() }, /was changed or cut/],
  ];
  for (const [wrong, message] of failing) {
    const line = Number(/:(\d+):\d+\)?$/.exec(new Error().stack?.split('\n')[1] ?? '')?.[1]) + 2;
    try {
      derivation({ ...base, ...wrong } as DerivationOptions);
      t.fail(`${message} was not thrown`);
    } catch (error) {
      if (!isFault(error, 'invalid-recipe')) throw error;
      t.match(error.message, message);
      t.match(error.facts, { file: import.meta.filename, line, reason: String });
      t.ok(error.message.startsWith(`${import.meta.filename}:${line}:`), 'the place comes first');
    }
  }
});

t.test('outputs are properties where the name is free', async (t) => {
  const outputs = ['out', 'dev', 'name', 'toString', '__proto__'] as const;
  const made = derivation({ ...base, outputs });
  t.equal(made.dev, made.outputs.dev);
  t.equal(made.name, 'x');
  t.equal(made.outputs.name.name, 'name');
  t.same(Object.keys(made.outputs), outputs);
  t.equal(`${made}`, `${made.out}`, 'in strings, a derivation is its first output');
  t.equal(JSON.stringify([made]), JSON.stringify([`${made.out}`]));
});
