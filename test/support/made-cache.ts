/** Caches made for tests: items of any contents, packed and signed as wanted, as files for a server or a directory. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { toBytes } from '../../libs/byte-string/src/index.ts';
import { hashBytes } from '../../libs/hash/src/index.ts';
import { fileArchive } from '../../libs/nar/src/index.ts';
import { type NarinfoFacts, printGuixNarinfo } from '../../libs/narinfo/src/index.ts';
import {
  makeSecretKey,
  parseSecretKey,
  printAdvanced,
  type SecretKey,
  signForGuix,
} from '../../libs/signature/src/index.ts';
import { parseStorePath, type StorePath, storePathHashPart } from '../../libs/store-path/src/index.ts';

export type Packing = 'none' | 'gzip' | 'zstd';

const pack: Readonly<Record<Packing, (bytes: Buffer) => Buffer>> = {
  none: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes, { level: 1 }),
  zstd: (bytes) => zstdCompressSync(bytes),
};

export interface MadeItem {
  readonly path: StorePath;
  readonly archive: Buffer;
  readonly narinfo: Buffer;
  /** As the store and the agent give it: hexadecimal. */
  readonly hash: string;
}

export interface ItemOptions {
  readonly name?: string;
  readonly packing?: Packing;
  readonly references?: readonly StorePath[];
  /** Null: nobody signs it. */
  readonly key?: SecretKey | null;
  /** Said of the archive instead of the truth. */
  readonly facts?: Partial<NarinfoFacts>;
  /** Served instead of the archive, packed as it is. */
  readonly served?: Buffer;
}

/** A fresh key of Guix's kind. */
export function freshKey(): SecretKey {
  return parseSecretKey(toBytes(printAdvanced(makeSecretKey(randomBytes(32)).secret)));
}

export class MadeCache {
  readonly key: SecretKey;
  readonly storeDir: string;
  /** By their names: what a server of it has. */
  readonly files = new Map<string, Buffer>();

  constructor(storeDir: string, key = freshKey()) {
    this.storeDir = storeDir;
    this.key = key;
    this.files.set('nix-cache-info', Buffer.from(`StoreDir: ${storeDir}\nWantMassQuery: 0\nPriority: 100\n`));
  }

  /** Adds an item of which `archive` is the NAR. */
  add(
    archive: Buffer,
    { name = 'item', packing = 'none', references = [], key = this.key, facts, served }: ItemOptions = {},
  ): MadeItem {
    const path = parseStorePath(this.storeDir, `${this.storeDir}/${randomHashPart()}-${name}`);
    const narHash = hashBytes('sha256', archive);
    const said = { path, narHash, narSize: archive.length, references, deriver: null, ...facts };
    const packed = served ?? pack[packing](archive);
    const url = `nar/${packing}/${storePathHashPart(path)}`;
    const fileHash = `sha256:${createHash('sha256').update(packed).digest('hex')}`;
    const narinfo = printGuixNarinfo({
      ...said,
      files: [{ url, compression: packing, fileSize: packed.length, fileHash }],
      nixSignatures: [],
      ...(key === null ? {} : { guixSignature: signForGuix(key, 'test', said) }),
    });
    this.files.set(`${storePathHashPart(path)}.narinfo`, narinfo);
    this.files.set(url, packed);
    return { path, archive, narinfo, hash: Buffer.from(narHash.digest).toString('hex') };
  }

  /** Adds an item that is one file of so many random bytes. */
  addRandom(size: number, options: ItemOptions = {}): MadeItem {
    return this.add(fileArchive(randomBytes(size)), options);
  }

  /** Writes it as a directory. */
  write(directory: string): void {
    for (const [name, contents] of this.files) {
      mkdirSync(`${directory}/${name}`.replace(/\/[^/]*$/, ''), { recursive: true });
      writeFileSync(`${directory}/${name}`, contents);
    }
  }
}

function randomHashPart(): string {
  return Array.from(randomBytes(32), (byte) => '0123456789abcdfghijklmnpqrsvwxyz'[byte & 31]).join('');
}
