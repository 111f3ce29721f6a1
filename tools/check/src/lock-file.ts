/**
 * `npm ci` takes the lock file or leaves it: every project is in it, and every package that one of another platform would
 * install. npm itself drops the latter where the registry in use lacks them.
 */
import { readSource } from '@cooper/workspace';
import type { Checker, Problem } from './checker.ts';

const file = 'package-lock.json';

interface LockedPackage {
  readonly name?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export const checkLockFile: Checker = ({ tree, projects }) => {
  if (!tree.files.includes(file)) return [{ file, message: 'is missing' }];
  const { packages } = JSON.parse(readSource(tree, file)) as { packages: Readonly<Record<string, LockedPackage>> };
  const strangers = projects
    .filter(({ root, name }) => packages[root] === undefined || (packages[root].name ?? name) !== name)
    .map(({ root }) => problem(`does not know ${root}: run \`npm install'`));
  const dropped = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isLocked(packages, place, name))
      .map((name) =>
        problem(`has lost ${name}, which ${place || 'package.json'} may install: take it over from the last commit`),
      ),
  );
  return [...strangers, ...dropped];
};

function problem(message: string): Problem {
  return { file, message };
}

/** Whether a package is locked where Node would find it from `place`: beside it, or above. */
function isLocked(packages: Readonly<Record<string, unknown>>, place: string, name: string): boolean {
  if (packages[`${place === '' ? '' : `${place}/`}node_modules/${name}`] !== undefined) return true;
  return place !== '' && isLocked(packages, place.slice(0, Math.max(place.lastIndexOf('/node_modules/'), 0)), name);
}
