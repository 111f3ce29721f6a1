import type { ByteString } from '@cooper/byte-string';
import { parseStorePath } from '@cooper/store-path';
import fc from 'fast-check';
import t from 'tap';
import { arbitraryDerivation, inOrder } from '../../../test/support/arbitrary-derivation.ts';
import { type Derivation, printDerivation } from './index.ts';

const storeDir = '/gnu/store';
const path = (digit: string, name: string) => parseStorePath(storeDir, `${storeDir}/${digit.repeat(32)}-${name}`);
const bytes = (text: string) => text as ByteString;

const derivation: Derivation = {
  outputs: new Map([
    ['out', { path: path('0', 'x'), hashAlgo: '', hash: '' }],
    ['B', { path: path('1', 'x-B'), hashAlgo: '', hash: '' }],
    ['a-b', { path: path('2', 'x-a-b'), hashAlgo: '', hash: '' }],
    ['a.b', { path: path('3', 'x-a.b'), hashAlgo: '', hash: '' }],
  ]),
  inputDerivations: new Map([
    [path('6', 'b.drv'), ['out', 'doc', 'out']],
    [path('5', 'a.drv'), []],
  ]),
  inputSources: [path('8', 's'), path('7', 's'), path('8', 's')],
  system: bytes('x86_64-linux'),
  builder: bytes('/bin/sh'),
  args: [bytes('z'), bytes('a'), bytes('a')],
  env: new Map([
    [bytes('\xef\xbd\x9a'), bytes('U+FF5A')],
    [bytes('\xf0\x90\x80\x80'), bytes('U+10000')],
    [bytes('10'), bytes('"\\\n\r\t')],
    [bytes('9'), bytes('\0\x01\x7f\xff')],
  ]),
};

t.test('orders are those of the bytes, arguments stay as they are', async (t) => {
  t.equal(
    printDerivation(derivation).toString('latin1'),
    'Derive([' +
      `("B","${path('1', 'x-B')}","",""),("a-b","${path('2', 'x-a-b')}","",""),` +
      `("a.b","${path('3', 'x-a.b')}","",""),("out","${path('0', 'x')}","","")],` +
      `[("${path('5', 'a.drv')}",[]),("${path('6', 'b.drv')}",["doc","out"])],` +
      `["${path('7', 's')}","${path('8', 's')}"],` +
      '"x86_64-linux","/bin/sh",["z","a","a"],' +
      '[("10","\\"\\\\\\n\\r\\t"),("9","\0\x01\x7f\xff"),' +
      '("\xef\xbd\x9a","U+FF5A"),("\xf0\x90\x80\x80","U+10000")])',
  );
});

t.test('the order in which a derivation was put together does not matter', async () => {
  fc.assert(
    fc.property(arbitraryDerivation, (derivation) => {
      return printDerivation(derivation).equals(printDerivation(inOrder(derivation)));
    }),
  );
});

t.test('a derivation is not changed by being printed', async (t) => {
  const before = structuredClone(derivation);
  printDerivation(derivation);
  t.strictSame(derivation, before);
});
