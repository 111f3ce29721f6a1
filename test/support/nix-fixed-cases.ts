/** The cases of nix-cases.ts whose outputs are fixed: what they have to be is known before, by hash. */
import { nixDerivation, type RecipeDerivation, type Value } from '../../libs/recipe/src/index.ts';
import { fetch, fetchedA, fetchedB, ofX, ok, sha } from './nix-case-parts.ts';

export const nixFixedCases: Readonly<Record<string, (name: string) => RecipeDerivation>> = {
  'fixed-flat-sha256': () => nixDerivation({ ...ok, ...ofX('sha256', 'flat') }),
  'fixed-flat-sha1': () => nixDerivation({ ...ok, ...ofX('sha1', 'flat') }),
  'fixed-flat-sha512': () => nixDerivation({ ...ok, ...ofX('sha512', 'flat') }),
  'fixed-flat-md5': () => nixDerivation({ ...ok, ...ofX('md5', 'flat') }),
  'fixed-default-mode': () => {
    const { outputHashMode: _, ...rest } = ofX('sha256', 'flat');
    return nixDerivation({ ...ok, ...rest });
  },
  'fixed-recursive-sha256': () => nixDerivation({ ...ok, ...ofX('sha256', 'recursive') }),
  'fixed-recursive-sha1': () => nixDerivation({ ...ok, ...ofX('sha1', 'recursive') }),
  'fixed-recursive-sha512': () => nixDerivation({ ...ok, ...ofX('sha512', 'recursive') }),
  'fixed-hash-as-sri': () =>
    nixDerivation({
      ...ok,
      ...ofX('sha256', 'flat'),
      outputHashAlgo: null,
      outputHash: 'sha256-LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=',
    }),
  'fixed-hash-as-base32': () =>
    nixDerivation({
      ...ok,
      ...ofX('sha256', 'flat'),
      outputHash: '108s34bqgjjmzqqky5skkmi4l2x66s7apfnwi80h9iknln1pqwdd',
    }),
  'fixed-zero-hash': () => nixDerivation({ ...ok, ...ofX('sha256', 'recursive'), outputHash: '0'.repeat(64) }),
  'fixed-same-hash-two-drvs': () => nixDerivation({ ...ok, name: 'two-fetchers', a: fetchedA, b: fetchedB }),
  'fixed-same-hash-other-name': () => {
    const c = fetch('c', 'fetched-under-another-name');
    return nixDerivation({ ...ok, name: 'three-fetchers', a: fetchedA, b: fetchedB, c });
  },
  'fixed-only-a': () => nixDerivation({ ...ok, name: 'two-fetchers', a: fetchedA, b: fetchedA }),
  'above-same-hash': () => {
    const mid = (src: Value) => nixDerivation({ ...ok, name: 'mid', src });
    return nixDerivation({ ...ok, name: 'above', x: mid(fetchedA), y: mid(fetchedB) });
  },
  'impure-env': (name) =>
    nixDerivation({
      ...ok,
      ...ofX('sha256', 'flat'),
      outputHash: sha('sha256', 'y'),
      name,
      impureEnvVars: ['http_proxy', 'https_proxy', 'no_proxy'],
    }),
  'builtin-fetchurl': () =>
    nixDerivation({
      ...{ name: 'fetched.tar.gz', system: 'builtin', builder: 'builtin:fetchurl' },
      url: 'https://example.org/fetched.tar.gz',
      urls: ['https://example.org/fetched.tar.gz'],
      ...{ executable: false, unpack: false, preferLocalBuild: true },
      ...{ outputHashMode: 'flat', outputHashAlgo: 'sha256', outputHash: sha('sha256', 'z') },
    }),
  'builtin-fetchurl-executable': () =>
    nixDerivation({
      ...{ name: 'tool', system: 'builtin', builder: 'builtin:fetchurl', executable: true },
      url: 'https://example.org/tool',
      ...{ outputHashMode: 'recursive', outputHashAlgo: 'sha256', outputHash: sha('sha256', 'z') },
    }),
  'name-longest-fixed': () =>
    nixDerivation({ ...ok, ...ofX('sha256', 'flat'), name: 'n'.repeat(207), outputHash: '0'.repeat(64) }),
};
