/**
 * The places of an archive: `URL`, with the `Compression`, `FileHash` and `FileSize` that follow it, repeated for each
 * compression that a cache has. (What stands before the first `URL` is of that one.) No signature has to cover them: they are hints, and the hash of the archive decides.
 */
import { type Field, invalid } from './fields.ts';
import type { NarFile } from './narinfo.ts';
import { readSize } from './size.ts';

/** The places, in the order of the file. Throws a fault `invalid-narinfo`, also where there is none. */
export function readNarFiles(fields: readonly Field[]): readonly [NarFile, ...NarFile[]] {
  const groups: Map<string, string>[] = [new Map()];
  for (const { name, value } of fields.filter(({ name }) => fileFields.has(name))) {
    if (name === 'URL' && groups.at(-1)?.has('URL')) groups.push(new Map());
    const group = groups.at(-1);
    if (group?.has(name)) throw invalid(`${name} is there twice for one URL`);
    group?.set(name, value);
  }
  const [first, ...others] = groups.map(readNarFile);
  if (first === undefined) throw new Error('there is always a first group');
  return [first, ...others];
}

const fileFields: ReadonlySet<string> = new Set(['URL', 'Compression', 'FileHash', 'FileSize']);

function readNarFile(group: ReadonlyMap<string, string>): NarFile {
  const [url = '', fileHash, fileSize] = ['URL', 'FileHash', 'FileSize'].map((name) => group.get(name));
  if (!/^[!-~]+$/.test(url)) throw invalid('URL is empty, or has characters other than visible ASCII');
  return {
    url,
    compression: group.get('Compression') ?? null,
    ...(fileHash === undefined ? {} : { fileHash }),
    ...(fileSize === undefined ? {} : { fileSize: readSize('FileSize', fileSize) }),
  };
}
