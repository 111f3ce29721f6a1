/** What the cases of nix-cases.ts and nix-fixed-cases.ts are made of. */
import { createHash } from 'node:crypto';
import { nixDerivation } from '../../libs/recipe/src/index.ts';

export const golden = (name: string) => new URL(`../golden/recipe/${name}`, import.meta.url);
export const sha = (algorithm: string, contents: string) => createHash(algorithm).update(contents).digest('hex');
export const count = (n: number) => Array.from({ length: n }, (_, index) => index);

export const common = { system: 'x86_64-linux', builder: '/bin/sh' };
export const ok = { ...common, args: ['-c', 'echo ok > $out'] };
const flat = { outputHashMode: 'flat', outputHashAlgo: 'sha256', outputHash: sha('sha256', 'same') } as const;
export const ofX = (algorithm: string, mode: 'flat' | 'recursive') => ({
  name: 'fetched',
  outputHashMode: mode,
  outputHashAlgo: algorithm,
  outputHash: sha(algorithm, 'x'),
});

export const leaf = nixDerivation({ ...ok, name: 'leaf' });
export const lib3 = nixDerivation({
  ...ok,
  name: 'lib3',
  outputs: ['out', 'dev', 'doc'],
  args: ['-c', 'echo $dev $doc > $out; echo d > $dev; echo D > $doc'],
});
export const fetch = (letter: string, name = 'fetched') =>
  nixDerivation({ ...ok, ...flat, name, url: `http://mirror-${letter}.example/x` });
export const fetchedA = fetch('a');
export const fetchedB = fetch('b');
