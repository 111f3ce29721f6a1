/** Larger trees, made by recipe: their archives are those that Nix makes. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import t from 'tap';
import { readGoldenJson } from '../../../test/support/golden.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { copyTree, hashTree, removeTree } from './index.ts';

interface Recipe {
  readonly name: string;
  readonly make: string;
  readonly size?: number;
  readonly narSha256: string;
  readonly narSize: number;
}

const recipes = readGoldenJson<readonly Recipe[]>('nar/generated.json');
const isLargeWanted = process.env['COOPER_LARGE_TESTS'] === '1';
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** Past this, only where COOPER_LARGE_TESTS=1 asks for it. Files of zeros take no disk, but time. In bytes. */
const largest = 2 ** 28;

function reasonToSkip({ make, size = 0 }: Recipe): string | false {
  if (make.startsWith('openssl') && !hasOpenssl) return 'SKIPPED: openssl is not installed';
  if (size < largest || isLargeWanted) return false;
  return 'SKIPPED: large; set COOPER_LARGE_TESTS=1 to run it';
}

t.equal(recipes.length, 18, 'the whole recording is here');
for (const recipe of recipes) {
  t.test(recipe.name, { skip: reasonToSkip(recipe) }, async (t) => {
    const area = temporaryDirectory(t);
    const { status, stderr } = spawnSync('bash', ['-c', `umask 022; ${recipe.make}`], { cwd: area });
    t.equal(status, 0, stderr.toString());
    const path = existsSync(`${area}/F`) ? `${area}/F` : `${area}/T`;
    const { hash, size } = hashTree(path);
    t.equal(Buffer.from(hash.digest).toString('hex'), recipe.narSha256);
    t.equal(size, recipe.narSize);
    if (recipe.size !== undefined) return;
    copyTree(path, `${area}/copy`);
    t.strictSame(hashTree(`${area}/copy`), { hash, size }, 'the copy has the same');
    removeTree(`${area}/copy`);
    t.notOk(existsSync(`${area}/copy`));
  });
}
