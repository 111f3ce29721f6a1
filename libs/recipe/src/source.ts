/** `source()` and `text()`: what recipes bring into the store besides what they build. */
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkStoreName } from '@cooper/store-path';
import { callerSite, recipeFault } from './call-site.ts';
import { Output, type RecipeItem, Source, Text } from './item.ts';
import { itemsIn } from './placeholder.ts';
import { type Value, valueToBytes } from './value.ts';

export interface SourceOptions {
  /** The name that the store item has; the base name of the file unless given. */
  readonly name?: string;
  /** False takes one regular file by its contents alone, losing its executable bit. True, unless given, takes any tree. */
  readonly recursive?: boolean;
}

/**
 * A file or tree of this machine as an input. A relative path starts at the file of the recipe that has the call, so a
 * recipe means the same from any working directory. What is there is read when the recipe is put into a store.
 * Throws a fault `invalid-recipe`.
 */
export function source(path: string | URL, { name, recursive = true }: SourceOptions = {}): Source {
  const site = callerSite();
  try {
    const isUrl = path instanceof URL || path.startsWith('file:');
    const file = isUrl ? fileURLToPath(path) : resolve(dirname(site.file), path);
    const itemName = name ?? basename(file);
    checkStoreName(itemName);
    return new Source({ name: itemName, file, recursive, site });
  } catch (error) {
    throw recipeFault(site, `source \`${path}'`, (error as Error).message, error);
  }
}

/**
 * A file with these contents as an input. It may name sources, other texts and files of derivations; but no outputs, as
 * these are not there when it is made: for that, let a derivation write the file. Throws a fault `invalid-recipe`.
 */
export function text(name: string, contents: Value): Text {
  const site = callerSite();
  try {
    checkStoreName(name);
    if (name.endsWith('.drv')) throw new Error('its name ends in .drv, as only the files of derivations may');
    const bytes = valueToBytes(contents);
    return new Text({ name, contents: bytes, uses: checkUses(itemsIn(bytes)), site });
  } catch (error) {
    throw recipeFault(site, `text \`${name}'`, (error as Error).message, error);
  }
}

function checkUses(uses: readonly RecipeItem[]): readonly RecipeItem[] {
  const output = uses.find((item) => item instanceof Output);
  if (output === undefined) return uses;
  throw new Error(`it names output \`${output.name}' of \`${output.node.name}', which is built later`);
}
