/**
 * The addresses of caches and of what is in them. Caches are reached by http, https or as a directory (`file:`); nothing that
 * a server says leads to a file, or out of the directory that is a cache.
 */
import { Fault } from '@cooper/fault';

export interface CacheUrl {
  readonly scheme: 'http:' | 'https:' | 'file:';
  /** Without a slash at its end, and without credentials: what may be shown, stored and compared. */
  readonly text: string;
  /** `user:password`, where the URL had them. */
  readonly credentials: string | null;
}

/** The longest URL that is taken, in characters. */
const longest = 4096;

/**
 * The cache that `text` names: a URL, or the absolute name of a directory. Throws the fault `invalid-url`; what it says of
 * the URL holds no password.
 */
export function parseCacheUrl(text: string): CacheUrl {
  const url = parse(text.startsWith('/') ? `file://${encodeURI(text)}` : text);
  if (url === undefined) throw invalid('it cannot be read');
  if (!isKnownScheme(url.protocol)) throw invalid(`${url.protocol} is no way to reach a cache`);
  if (url.search !== '' || url.hash !== '') throw invalid('it has a query or a fragment');
  if (url.protocol === 'file:' && url.host !== '') throw invalid('the directory of another host');
  const credentials = url.username === '' ? null : decodeURIComponent(`${url.username}:${url.password}`);
  url.username = '';
  url.password = '';
  return { scheme: url.protocol, text: url.href.replace(/\/+$/, ''), credentials };
}

/** Where `name`, as a narinfo of the cache has it, is to be found. Nothing for what may not be followed. */
export function resolveInCache(cache: CacheUrl, name: string): string | undefined {
  const url = parse(name, `${cache.text}/`);
  if (url === undefined || url.username !== '' || url.password !== '') return undefined;
  url.hash = '';
  if (cache.scheme === 'file:')
    return url.href.startsWith(`${cache.text}/`) && url.search === '' ? url.href : undefined;
  return isWeb(url) ? url.href : undefined;
}

/** Where a server's redirection leads; nothing where it may not be followed. */
export function resolveRedirection(from: string, location: string): string | undefined {
  const url = parse(location, from);
  if (url === undefined || !isWeb(url) || url.username !== '' || url.password !== '') return undefined;
  url.hash = '';
  return url.href;
}

/** Whether both are on the same server: where credentials may be shown again. */
export function isSameOrigin(a: string, b: string): boolean {
  return new URL(a).origin === new URL(b).origin;
}

/** Addresses of the link, where clouds keep what only their machines may know: nothing is fetched from there. */
export function isForbiddenAddress(address: string): boolean {
  const plain = address
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/^::ffff:/, '');
  return (
    /^169\.254\./.test(plain) || /^fe[89ab][0-9a-f]:/.test(plain) || plain === 'fd00:ec2::254' || /^a9fe:/.test(plain)
  );
}

function parse(text: string, base?: string): URL | undefined {
  // The parser of URLs drops line feeds and tabs without a word.
  if (text.length > longest || !/^[\x21-\x7e]+$/.test(text)) return undefined;
  return URL.parse(text, base) ?? undefined;
}

function isKnownScheme(scheme: string): scheme is CacheUrl['scheme'] {
  return scheme === 'http:' || scheme === 'https:' || scheme === 'file:';
}

function isWeb({ protocol, hostname }: URL): boolean {
  return (protocol === 'http:' || protocol === 'https:') && !isForbiddenAddress(hostname);
}

function invalid(reason: string): Fault {
  return new Fault('invalid-url', `not the URL of a cache: ${reason}`, { reason });
}
