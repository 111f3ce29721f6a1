import { type Derivation, parseDerivation, toJson } from '@cooper/derivation';
import { storePathBaseName } from '@cooper/store-path';
import t from 'tap';
import { readGoldenBundle } from '../../../../test/support/golden.ts';
import { readDerivations } from './derivation-json.ts';

const storeDir = '/nix/store';

/** The derivations of a chain of 50, by path, as Nix has made them. */
function chain(): Map<string, Derivation> {
  const files = [...readGoldenBundle('derivation/nix.drvs.tar.zst')];
  const found = files.map(([name, bytes]) => {
    const path = `${storeDir}/${name.slice(name.lastIndexOf('/') + 1)}`;
    return [path, bytes] as const;
  });
  const members = found.filter(([path]) => /-(chain-\d+|leaf)\.drv$/.test(path));
  return new Map(members.map(([path, bytes]) => [path, parseDerivation(bytes, { storeDir, path })]));
}

t.test('what was shown is read again, inputs first', async (t) => {
  const derivations = chain();
  const json = JSON.stringify(Object.fromEntries([...derivations].map(([path, value]) => [path, toJson(value)])));
  const texts = readDerivations(json, storeDir);
  t.equal(texts.length, 51);
  const names = texts.map(({ name }) => name);
  t.same(names, ['leaf.drv', ...Array.from({ length: 50 }, (_, index) => `chain-${index}.drv`)]);
  for (const { name, contents, references } of texts) {
    const [path = ''] = [...derivations.keys()].filter((key) => key.endsWith(`-${name}`));
    const parsed = parseDerivation(contents, { storeDir, path });
    t.same(references, [...parsed.inputDerivations.keys()], storePathBaseName(path as never));
  }
});

t.test('what is no derivation', async (t) => {
  const path = `/nix/store/${'0'.repeat(32)}-x`;
  const cases: readonly [string, string, RegExp][] = [
    ['', 'invalid-json', /standard input is not JSON: Unexpected end/],
    ['[]', 'invalid-json', /not a JSON object with a derivation under each path/],
    ['{"x": {}}', 'invalid-store-path', /`x' is not a store path/],
    [JSON.stringify({ [path]: {} }), 'invalid-json', /does not end in \.drv/],
    [JSON.stringify({ [`${path}.drv`]: {} }), 'invalid-derivation', /lacks the field/],
  ];
  for (const [json, code, message] of cases) t.throws(() => readDerivations(json, storeDir), { code, message }, json);
});
