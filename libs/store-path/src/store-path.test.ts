import { readFileSync } from 'node:fs';
import { isFault } from '@cooper/fault';
import fc from 'fast-check';
import t from 'tap';
import {
  checkStoreDirectory,
  checkStoreName,
  isDerivationPath,
  isHashPart,
  isStoreName,
  isStorePath,
  parseStorePath,
  storePathBaseName,
  storePathHashPart,
  storePathName,
  toStorePath,
} from './index.ts';

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../test/golden/store-path/${name}`, import.meta.url), 'utf8'));

const digits = 'a'.repeat(32);
const x = `/gnu/store/${digits}-x`;

t.test('names, as Nix takes them, but none with a leading dot', async (t) => {
  const { names } = golden('names.json') as { names: { name: string; accepted: boolean }[] };
  t.equal(names.length, 52);
  for (const { name, accepted } of names) {
    const expected = accepted && !name.startsWith('.');
    t.equal(isStoreName(name), expected, name);
    if (expected) t.doesNotThrow(() => checkStoreName(name));
    else t.throws(() => checkStoreName(name), { code: 'invalid-store-name' });
  }
});

t.test('faults about names say what is wrong', async (t) => {
  const reasons = [
    ['', 'it is empty'],
    ['.x', 'it begins with a dot'],
    ['a b', 'it contains " "'],
    ['a\n', 'it contains "\\n"'],
    ['a\0', 'it contains "\\u0000"'],
    ['\u{1f600}', 'it contains "\u{1f600}"'],
    ['n'.repeat(212), 'it has 212 characters, 211 are the most'],
  ] as const;
  for (const [name, reason] of reasons) {
    t.throws(() => checkStoreName(name), { code: 'invalid-store-name', facts: { name, reason } });
  }
  t.throws(() => checkStoreName('n'.repeat(1 << 20)), { message: /^.{1,500}$/ }, 'a long name is not repeated');
});

// What Nix takes as a store path and a strict reader of canonical text does not.
const takenByNixOnly = new Set([
  '/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x', // it does not look at the character after the hash part
  '/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-.x', // a leading dot
  '/nix/store/../store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x', // `..`
  'nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x', // it takes the path as relative to the working directory, `/`
]);

t.test('paths of files, as Nix takes them', async (t) => {
  const { paths } = golden('parse.json') as { paths: { argument: string; exit: number; stdout: string }[] };
  t.equal(paths.length, 25);
  for (const { argument, exit, stdout } of paths) {
    if (exit === 0 && !takenByNixOnly.delete(argument)) {
      t.equal(toStorePath('/nix/store', argument), stdout, argument);
      t.equal(isStorePath('/nix/store', argument), argument === stdout, 'only the path itself is one');
    } else {
      t.throws(() => toStorePath('/nix/store', argument), { code: 'invalid-store-path' }, argument);
      t.notOk(isStorePath('/nix/store', argument), argument);
    }
  }
  t.equal(takenByNixOnly.size, 0, 'every exception occurs');
});

t.test('store paths, and why others are none', async (t) => {
  t.equal(parseStorePath('/gnu/store', x), x);
  t.ok(isStorePath('/gnu/store', `/gnu/store/${digits}-${'n'.repeat(211)}`));
  const reasons = [
    ['', 'it is not in the store (/gnu/store)'],
    ['/gnu/store', 'it is not in the store (/gnu/store)'],
    [`/gnu/storf/${digits}-x`, 'it is not in the store (/gnu/store)'],
    [`/gnu/stor\u0165/${digits}-x`, 'it is not in the store (/gnu/store)'],
    [`/nix/store/${digits}-x`, 'it is not in the store (/gnu/store)'],
    [`gnu/store/${digits}-x`, 'it is not in the store (/gnu/store)'],
    [`/gnu/store//${digits}-x`, 'it is not directly in the store'],
    [`${x}/bin`, 'it is not directly in the store'],
    [`${x}/`, 'it is not directly in the store'],
    ['/gnu/store/..', 'it does not begin with 32 digits of base-32'],
    [`/gnu/store/${digits.toUpperCase()}-x`, 'it does not begin with 32 digits of base-32'],
    [`/gnu/store/e${digits.slice(1)}-x`, 'it does not begin with 32 digits of base-32'],
    [`/gnu/store/${digits}`, 'no hyphen follows its hash part'],
    [`/gnu/store/${digits}ax`, 'no hyphen follows its hash part'],
    [`/gnu/store/${digits}-`, 'about its name: it is empty'],
    [`/gnu/store/${digits}-.x`, 'about its name: it begins with a dot'],
    [`/gnu/store/${digits}-x\n`, 'about its name: it contains "\\n"'],
    [`/gnu/store/${digits}-${'n'.repeat(212)}`, 'about its name: it has 212 characters, 211 are the most'],
  ] as const;
  for (const [path, reason] of reasons) {
    t.throws(() => parseStorePath('/gnu/store', path), { code: 'invalid-store-path', facts: { path, reason } }, path);
    t.notOk(isStorePath('/gnu/store', path));
  }
});

t.test('any store directory will do', async (t) => {
  const deep = '/home/user/.local/share/store';
  t.equal(parseStorePath(deep, `${deep}/${digits}-x`), `${deep}/${digits}-x`);
  t.equal(toStorePath(deep, `${deep}/${digits}-x/bin/x`), `${deep}/${digits}-x`);
  for (const path of ['/s', '/gnu/store', deep, '/a/.b/..c/d...']) t.doesNotThrow(() => checkStoreDirectory(path));
  const refused = ['', '/', 'gnu/store', '/gnu/store/', '//gnu', '/gnu/./store', '/gnu/../store', '/a b', '/a:b', '/ä'];
  for (const path of [...refused, '/a\n', '/a\0']) {
    t.throws(() => checkStoreDirectory(path), { code: 'invalid-store-directory' }, path);
  }
});

t.test('the parts of a path', async (t) => {
  const path = parseStorePath('/gnu/store', `/gnu/store/${digits}-hello-2.12.drv`);
  t.equal(storePathBaseName(path), `${digits}-hello-2.12.drv`);
  t.equal(storePathHashPart(path), digits);
  t.equal(storePathName(path), 'hello-2.12.drv');
  t.ok(isDerivationPath(path));
  t.notOk(isDerivationPath(parseStorePath('/gnu/store', x)));
  t.ok(isHashPart(digits));
  for (const text of ['', digits.slice(1), `${digits}a`, `${digits.slice(1)}u`, `${digits}\n`])
    t.notOk(isHashPart(text));
});

t.test('S55: files in the store belong to an item', async (t) => {
  for (const suffix of ['', '/', '//', '/.', '/bin', '/bin/..x', '/./bin/'])
    t.equal(toStorePath('/gnu/store', x + suffix), x);
  for (const path of [`${x}/..`, `${x}/../y`, `/gnu/store/../store/${digits}-x`, '/gnu/store/', '/gnu/store/.links']) {
    t.throws(() => toStorePath('/gnu/store', path), { code: 'invalid-store-path' }, path);
  }
});

t.test('arbitrary text is a store path or a fault, and both questions agree', async () => {
  const unit = fc.constantFrom('/', '-', '.', 'a', 'e', digits, digits.slice(1), 'drv', '\n', 'ä');
  const text = fc.string({ unit, maxLength: 6 }).map((rest) => `/gnu/store/${rest}`);
  fc.assert(
    fc.property(text, (text) => {
      try {
        const path = parseStorePath('/gnu/store', text);
        return path === text && toStorePath('/gnu/store', text) === text && isStorePath('/gnu/store', text);
      } catch (error) {
        return isFault(error, 'invalid-store-path') && !isStorePath('/gnu/store', text);
      }
    }),
    { numRuns: 2000 },
  );
});
