/**
 * Placeholders: what items of a recipe turn into inside strings.
 *
 * Store paths are not known while a recipe is evaluated: they depend on the store directory, which is the caller's. So
 * `${lib.out}` gives a placeholder, and the recipe's graph puts the path there when it is made for a store. The same
 * placeholders tell what a string needs: an item that is interpolated anywhere becomes an input, and none is forgotten.
 *
 * A placeholder looks like an absolute path of one component, so that it may be joined with others, and it has only
 * letters, digits and hyphens, so that quoting for a shell or for JSON leaves it alone. It is counted in the order of
 * creation: the same recipe has the same placeholders in each run, and what sorts strings gives the same derivations.
 */
import { Fault } from '@cooper/fault';
import type { RecipeItem } from './item.ts';

/** Random letters that no text has by chance. */
const mark = 'cooper-item-nq7h3vxkzr95dsb1c8wyfgl2';
const pattern = new RegExp(`/${mark}-([0-9]{10})`, 'g');
/** The mark in any spelling: what is left of a placeholder that something has changed. */
const remains = new RegExp(mark, 'i');

const items: RecipeItem[] = [];

/** A placeholder for `item`, and for nothing else in this process. */
export function makePlaceholder(item: RecipeItem): string {
  items.push(item);
  return `/${mark}-${String(items.length - 1).padStart(10, '0')}`;
}

/**
 * The items whose placeholders `text` has, each once, in the order of their first places. Throws a fault
 * `changed-placeholder` where something like `toUpperCase` has made one unrecognisable.
 */
export function itemsIn(text: string): RecipeItem[] {
  const found = new Set<RecipeItem>();
  replaceItems(text, (item) => {
    found.add(item);
    return '';
  });
  return [...found];
}

/** `text` with each placeholder replaced by what `toText` gives for its item. Throws as `itemsIn` does. */
export function replaceItems(text: string, toText: (item: RecipeItem) => string): string {
  if (!remains.test(text)) return text;
  const replaced = text.replace(pattern, (placeholder, number: string) => {
    const item = items[Number(number)];
    if (item === undefined) throw changed(placeholder);
    return toText(item);
  });
  if (remains.test(replaced)) throw changed(text);
  return replaced;
}

function changed(text: string): Fault {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  const message = `the place of a store path in \`${shown}' was changed or cut; only append to it and prepend to it`;
  return new Fault('changed-placeholder', message, { text: shown });
}
