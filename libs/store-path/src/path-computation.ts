/**
 * Store paths computed from what they stand for. Each kind of item has a *fingerprint*, a line of text; the hash part
 * of the path is the fingerprint's SHA-256, folded to 20 bytes and written in base-32.
 *
 * | item                                  | fingerprint                                              |
 * | text, among them derivations          | `text[:REFERENCE]…:sha256:HASH-OF-CONTENTS:DIR:NAME`     |
 * | source: SHA-256 of a NAR              | `source[:REFERENCE]…[:self]:sha256:HASH-OF-NAR:DIR:NAME` |
 * | other fixed output                    | `output:out:sha256:HASH-OF-INNER:DIR:NAME`, where inner is `fixed:out:[r:]ALGORITHM:HASH:` |
 * | output of a derivation                | `output:OUTPUT:sha256:HASH-MODULO:DIR:NAME[-OUTPUT]`     |
 *
 * Hashes are base16, references sorted by bytes. Names are checked: faults `invalid-store-name`.
 */
import { encodeBase32 } from '@cooper/base32';
import { compareBytes } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import { compressHash, formatPrefixedHash, type Hash, hashBytes } from '@cooper/hash';
import { checkStoreName } from './store-name.ts';
import type { StorePath } from './store-path.ts';

/** What all kinds of items have. `storeDir` has passed `checkStoreDirectory`. */
interface Item {
  readonly storeDir: string;
  readonly name: string;
}

/** A text: `contentsHash` is the SHA-256 of its bytes. */
export interface TextItem extends Item {
  readonly contentsHash: Hash;
  readonly references: Iterable<StorePath>;
}

/** A file or tree added as a source: `hash` is the SHA-256 of its NAR, modulo self references where it has any. */
export interface SourceItem extends Item {
  readonly hash: Hash;
  readonly references?: Iterable<StorePath>;
  readonly selfReference?: boolean;
}

/** An output that is known by its hash: of its NAR if `recursive`, else of the bytes of its one file. */
export interface FixedOutputItem extends SourceItem {
  readonly recursive: boolean;
}

/** An output of a derivation: `name` is that of the derivation, without `.drv`; `hashModulo` a SHA-256. */
export interface OutputItem extends Item {
  readonly output: string;
  readonly hashModulo: Hash;
}

/** The path of a text. */
export function makeTextPath(item: TextItem): StorePath {
  return makePath(item, withReferences('text', item.references), item.contentsHash);
}

/** The path of a source. */
export function makeSourcePath(item: SourceItem): StorePath {
  const kind = withReferences('source', item.references ?? []);
  return makePath(item, item.selfReference ? `${kind}:self` : kind, item.hash);
}

/**
 * The path of a fixed output. Only the NAR hash by SHA-256 may come with references (it is a source, then): throws a
 * fault `invalid-fixed-output` for the others.
 */
export function makeFixedOutputPath(item: FixedOutputItem): StorePath {
  if (item.recursive && item.hash.algorithm === 'sha256') return makeSourcePath(item);
  const references = [...(item.references ?? [])];
  if (references.length > 0 || item.selfReference) {
    const message = `\`${item.name}' has references, so its hash must be the SHA-256 of a NAR`;
    throw new Fault('invalid-fixed-output', message, { name: item.name, references });
  }
  const inner = `fixed:out:${item.recursive ? 'r:' : ''}${formatPrefixedHash(item.hash, 'base16')}:`;
  return makePath(item, 'output:out', hashBytes('sha256', Buffer.from(inner)));
}

/** The path of a derivation's output: the output `out` has the derivation's name, others append theirs. */
export function makeOutputPath({ storeDir, name, output, hashModulo }: OutputItem): StorePath {
  return makePath({ storeDir, name: outputPathName(name, output) }, `output:${output}`, hashModulo);
}

/** The name of the store item of an output. */
export function outputPathName(derivationName: string, output: string): string {
  return output === 'out' ? derivationName : `${derivationName}-${output}`;
}

/** The path whose hash part is that of `fingerprint`. */
export function storePathOfFingerprint({ storeDir, name }: Item, fingerprint: string): StorePath {
  checkStoreName(name);
  const digest = compressHash(hashBytes('sha256', Buffer.from(fingerprint)).digest, 20);
  return `${storeDir}/${encodeBase32(digest)}-${name}` as StorePath;
}

function makePath({ storeDir, name }: Item, kind: string, hash: Hash): StorePath {
  return storePathOfFingerprint(
    { storeDir, name },
    `${kind}:${formatPrefixedHash(hash, 'base16')}:${storeDir}:${name}`,
  );
}

function withReferences(kind: string, references: Iterable<StorePath>): string {
  return [kind, ...[...new Set(references)].sort(compareBytes)].join(':');
}
