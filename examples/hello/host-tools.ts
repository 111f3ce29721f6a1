/**
 * The tools of this machine, for recipes that have none of their own: where builds find them, and what a sandbox has to
 * show of the machine so that they run there.
 *
 * Such builds depend on the machine: their derivations name no compiler, so another compiler is not noticed. That is good
 * enough to try something out, and the reason why distributions build their own tools.
 */
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

export interface HostTools {
  /** The directories of the tools, for the variable of this name. */
  readonly PATH: string;
  readonly sandboxPaths: readonly string[];
}

/** Where distributions keep programs and their libraries; links between programs lie in the last of them. */
const usual = ['/usr', '/bin', '/lib', '/lib32', '/lib64', '/libx32', '/etc/alternatives'];

/** Finds the tools called `names`. Throws where one is missing. */
export function findHostTools(names: readonly string[]): HostTools {
  const files = names.map(findTool);
  // A directory may be a link (`/bin` is one to `/usr/bin` today): what it leads to is there in every sandbox.
  const directories = files.map((file) => realpathSync(dirname(file)));
  const elsewhere = [...directories, ...files.map((file) => realpathSync(file))].map(topDirectory);
  return {
    PATH: [...new Set(directories)].join(delimiter),
    sandboxPaths: [...new Set([...usual.filter((path) => existsSync(path)), ...elsewhere])],
  };
}

function findTool(name: string): string {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter((path) => !isUnsuitable(path));
  const found = directories.map((directory) => join(directory, name)).find(isExecutable);
  if (found === undefined) throw new Error(`there is no \`${name}' on this machine (PATH is ${process.env['PATH']})`);
  return found;
}

/** Wrappers that keep or spread compilations need a home and a network; and what is in a home is nobody else's. */
function isUnsuitable(directory: string): boolean {
  const isInHome = homedir() !== '/' && directory.startsWith(`${homedir()}/`);
  return isInHome || !directory.startsWith('/') || /ccache|distcc|icecc/.test(directory);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us: the next directory may have it.
    return false;
  }
}

/** `/usr` of `/usr/bin/cc`. */
function topDirectory(path: string): string {
  return `/${path.split('/')[1]}`;
}
