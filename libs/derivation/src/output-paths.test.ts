import type { ByteString } from '@cooper/byte-string';
import { hashBytes } from '@cooper/hash';
import { makeSourcePath, parseStorePath } from '@cooper/store-path';
import fc from 'fast-check';
import t from 'tap';
import { arbitraryDerivation, arbitraryName, arbitraryStoreDir } from '../../../test/support/arbitrary-derivation.ts';
import {
  checkDerivation,
  completeDerivation,
  computeDerivationPath,
  computeOutputPaths,
  type DerivationDraft,
  derivationName,
  derivationReferences,
  HashModulo,
  isFixedOutput,
} from './index.ts';

const storeDir = '/gnu/store';
const hashModulo = new HashModulo((path) => {
  throw new Error(`no ${path}`);
});
const path = (name: string) => parseStorePath(storeDir, `${storeDir}/${'0'.repeat(32)}-${name}`);

const draft: DerivationDraft = {
  outputs: new Map([
    ['doc', { hashAlgo: '', hash: '' }],
    ['out', { hashAlgo: '', hash: '' }],
  ]),
  inputDerivations: new Map(),
  inputSources: [],
  system: 's' as ByteString,
  builder: 'b' as ByteString,
  args: [],
  env: new Map(),
};

t.test('a completed draft passes the checks, and completing it again changes nothing', async (t) => {
  const named = { storeDir, name: 'x', derivation: draft, hashModulo };
  const complete = completeDerivation(named);
  t.match(complete.outputs.get('out')?.path, /^\/gnu\/store\/[0-9a-z]{32}-x$/);
  t.match(complete.outputs.get('doc')?.path, /^\/gnu\/store\/[0-9a-z]{32}-x-doc$/);
  t.equal(complete.env.get('doc' as ByteString), complete.outputs.get('doc')?.path);
  t.doesNotThrow(() => checkDerivation(complete, { storeDir, path: path('x.drv'), hashModulo }));
  t.strictSame(completeDerivation({ ...named, derivation: complete }), complete);
  t.equal(draft.env.size, 0, 'the draft stays as it was');
});

t.test('paths that are there already do not count', async () => {
  fc.assert(
    fc.property(arbitraryDerivation, arbitraryName, (arbitrary, name) => {
      const derivation = { ...arbitrary, inputDerivations: new Map() };
      const named = { storeDir: arbitraryStoreDir, name, derivation, hashModulo };
      const complete = completeDerivation(named);
      const again = computeOutputPaths({ ...named, derivation: complete });
      return [...again].every(([output, path]) => path === complete.outputs.get(output)?.path);
    }),
  );
});

t.test('a fixed output follows from its hash alone', async (t) => {
  const hash = hashBytes('sha256', Buffer.from('x'));
  const output = { hashAlgo: 'r:sha256', hash: Buffer.from(hash.digest).toString('hex') };
  const inputDerivations = new Map([[path('absent.drv'), ['out']]]);
  const fixed = { ...draft, outputs: new Map([['out', output]]), inputDerivations };
  t.ok(isFixedOutput(fixed));
  t.notOk(isFixedOutput(draft));
  const paths = computeOutputPaths({ storeDir, name: 'x', derivation: fixed, hashModulo });
  t.same([...paths], [['out', makeSourcePath({ storeDir, name: 'x', hash })]]);
});

t.test('no paths are made for bad names', async (t) => {
  const code = 'invalid-store-name';
  t.throws(() => computeOutputPaths({ storeDir, name: 'a/b', derivation: draft, hashModulo }), { code });
  t.throws(() => computeOutputPaths({ storeDir, name: 'n'.repeat(208), derivation: draft, hashModulo }), { code });
});

t.test('the path of a derivation depends on its references', async (t) => {
  const complete = completeDerivation({ storeDir, name: 'x', derivation: draft, hashModulo });
  t.match(computeDerivationPath(storeDir, 'x', complete), /^\/gnu\/store\/[0-9a-z]{32}-x\.drv$/);
  const dependent = {
    ...complete,
    inputSources: [path('b'), path('a')],
    inputDerivations: new Map([[path('b'), ['out']]]),
  };
  t.same(derivationReferences(dependent), [path('a'), path('b')], 'sorted, each once');
});

t.test('the name of a derivation', async (t) => {
  t.equal(derivationName(path('hello-2.12.drv')), 'hello-2.12');
  t.throws(() => derivationName(path('hello')), /is not the path of a derivation/);
});
