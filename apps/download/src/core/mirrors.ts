/** Mirrors: the URLs that stand for `mirror://KIND/FILE`, from the list that Guix keeps in a file. */
import { Atom, type Datum, isList, strings, unquote } from './datum.ts';

/** By the kind of mirror: the beginnings of URLs. */
export type Mirrors = ReadonlyMap<string, readonly string[]>;

/** The mirrors of `((KIND URL …) …)`. What has another form is passed over. */
export function mirrorsOf(datum: Datum): Mirrors {
  const list = unquote(datum);
  const mirrors = new Map<string, readonly string[]>();
  for (const entry of isList(list) ? list : []) {
    if (isList(entry) && entry[0] instanceof Atom) mirrors.set(entry[0].name, strings(entry.slice(1)));
  }
  return mirrors;
}

/** The URLs to try for `url`, in their order: itself, or one for each mirror. */
export function expandUrl(url: string, mirrors: Mirrors): readonly string[] {
  const match = /^mirror:\/\/([^/]+)\/(.*)$/s.exec(url);
  if (match === null) return [url];
  return (mirrors.get(`${match[1]}`) ?? []).map((beginning) => `${beginning.replace(/\/*$/, '/')}${match[2]}`);
}
