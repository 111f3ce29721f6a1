/**
 * Store paths as clients name them. The reference looks only at where a path lies; Cooper's processes speak of store paths
 * that are well-formed. What is one for the reference alone is, to us, a path that is not valid.
 */
import { Fault } from '@cooper/fault';
import { isStorePath, type StorePath } from '@cooper/store-path';

/** Throws the fault `invalid-store-path`, in the reference's words, where `text` is not directly in the store. */
export function checkPlace(storeDir: string, text: string): void {
  const isInside = text.startsWith(`${storeDir}/`) && text.length > storeDir.length + 1;
  if (isInside && !text.includes('/', storeDir.length + 1)) return;
  throw new Fault('invalid-store-path', `path \`${text}' is not in the store`, { path: text });
}

/** The well-formed paths among `texts`, each once, in byte order, as the reference has its sets. */
export function wellFormed(storeDir: string, texts: readonly string[]): StorePath[] {
  return [...new Set(texts)].sort().filter((text): text is StorePath => isStorePath(storeDir, text));
}

/** `text`, which must be a well-formed path; whatever else there is cannot be valid. Throws the fault `path-not-valid`. */
export function validCandidate(storeDir: string, text: string): StorePath {
  if (isStorePath(storeDir, text)) return text;
  throw notValid(text);
}

/** What the reference says of a path that is not valid. */
export function notValid(text: string): Fault {
  return new Fault('path-not-valid', `path \`${text}' is not valid`, { path: text });
}
