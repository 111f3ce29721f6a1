/**
 * Recipe files: TypeScript modules whose default export says what to build.
 *
 * Node evaluates them, with their types stripped. `@cooper/recipe` means this very package, wherever the file lies, so a
 * recipe needs nothing installed beside it.
 */
import { Console } from 'node:console';
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Fault, isFault } from '@cooper/fault';
import { type Item, isItem } from './value.ts';

/** What a recipe exports. */
export interface Recipe {
  /** Its absolute path. */
  readonly file: string;
  /** The items of the default export, by names such as `lib`, `tools.lint` or `2`; one that is alone has the name ''. */
  readonly items: ReadonlyMap<string, Item>;
  /** What builds are to see of this machine, from the export `sandboxPaths`: each `TARGET[=SOURCE]`. */
  readonly sandboxPaths: readonly string[];
}

/** Evaluates the recipe in `file`. Throws faults `no-recipe`, `invalid-recipe` and `recipe-failed`. */
export async function loadRecipe(file: string): Promise<Recipe> {
  const path = resolve(file);
  if (!existsSync(path)) throw new Fault('no-recipe', `there is no recipe \`${path}'`, { file: path });
  const exported = await evaluate(path);
  const items = exportedItems(path, exported['default']);
  return { file: path, items, sandboxPaths: checkSandboxPaths(path, exported['sandboxPaths'] ?? []) };
}

/**
 * The items that `names` mean: each names one, or all below it; none at all means everything. Throws a fault
 * `no-such-item` that lists what there is.
 */
export function selectItems({ file, items }: Recipe, names: readonly string[]): Item[] {
  if (names.length === 0) return [...items.values()];
  return names.flatMap((name) => {
    const found = [...items].filter(([key]) => key === name || key.startsWith(`${name}.`)).map(([, item]) => item);
    if (found.length > 0) return found;
    const known = [...items.keys()].filter((key) => key !== '');
    const there = known.length === 0 ? 'it exports one thing without a name' : `it exports ${known.join(', ')}`;
    throw new Fault('no-such-item', `\`${file}' has nothing called \`${name}': ${there}`, { file, name });
  });
}

async function evaluate(path: string): Promise<Readonly<Record<string, unknown>>> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@cooper/recipe' ? { url: ownModule, shortCircuit: true } : next(specifier, context),
  });
  const { console } = globalThis;
  // Standard output is for what is built.
  globalThis.console = new Console(process.stderr, process.stderr);
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw isFault(error) ? error : evaluationFault(path, error);
  } finally {
    globalThis.console = console;
    hooks.deregister();
  }
}

const ownModule = new URL('./index.ts', import.meta.url).href;

/** What the recipe itself threw, with the first place in it that the stack names. */
function evaluationFault(path: string, error: unknown): Fault {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const place = stack.split('\n').find((line) => line.includes(pathToFileURL(path).href) || line.includes(path));
  const where = /:(\d+(?::\d+)?)\)?$/.exec(place?.trim() ?? '')?.[1];
  const message = `${path}${where === undefined ? '' : `:${where}`}: ${String(error)}`;
  return new Fault('recipe-failed', message, { file: path }, { cause: error });
}

function exportedItems(file: string, value: unknown): Map<string, Item> {
  const items = new Map<string, Item>();
  try {
    collectItems(value, '', items);
  } catch (error) {
    const what = error instanceof RangeError ? 'its default export contains itself and' : (error as Error).message;
    const message = `${file}: ${what} is no derivation, no output, and no list or record of them`;
    throw new Fault('invalid-recipe', message, { file }, { cause: error });
  }
  if (items.size === 0) throw new Fault('invalid-recipe', `${file}: its default export is empty`, { file });
  return items;
}

/** Adds the items in `value`, a thing or a list or record of things, under names that begin with `name`. */
function collectItems(value: unknown, name: string, items: Map<string, Item>): void {
  if (isItem(value)) {
    items.set(name, value);
    return;
  }
  if (!isPlain(value)) throw new Error(name === '' ? 'its default export' : `\`${name}' of its default export`);
  for (const [key, member] of Object.entries(value)) collectItems(member, name === '' ? key : `${name}.${key}`, items);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

function checkSandboxPaths(file: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((path) => typeof path === 'string' && path.startsWith('/'))) return value;
  const message = `${file}: \`sandboxPaths' is not a list of absolute paths, each TARGET or TARGET=SOURCE`;
  throw new Fault('invalid-recipe', message, { file });
}
