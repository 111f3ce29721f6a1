/** A cache for measuring: a directory in Nix's format, which both sides read, and a server of it, as far away as wanted. */
import { randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hashBytes } from '@cooper/hash';
import { printNixNarinfo } from '@cooper/narinfo';
import { makeNixKey, parseNixSecretKey, signForNix } from '@cooper/signature';
import { parseStorePath, storePathHashPart } from '@cooper/store-path';
import { execaSync } from 'execa';

export type Packing = 'none' | 'zstd' | 'xz';

const key = makeNixKey('bench-1', randomBytes(32));

/** How much of a file is read at once, in bytes: what is smaller must not cost the server a stream and a buffer of that size. */
const pieceSize = 256 * 1024;

/** What both sides have to trust. */
export const publicKey = key.public;

/** An archive, packed, under a name in the cache at `directory`: paths of many stores may stand for it. */
export class PackedArchive {
  readonly #archive: { readonly hash: ReturnType<typeof hashBytes>; readonly size: number };
  readonly #file: string;
  readonly #packing: Packing;
  readonly #directory: string;

  constructor(directory: string, archive: Buffer, packing: Packing) {
    this.#directory = directory;
    this.#packing = packing;
    this.#archive = { hash: hashBytes('sha256', archive), size: archive.length };
    this.#file = `nar/${randomBytes(16).toString('hex')}.nar`;
    mkdirSync(`${directory}/nar`, { recursive: true });
    writePacked(`${directory}/${this.#file}`, archive, packing);
  }

  /** Says that it is the archive of a fresh item of the store at `storeDir`, whose path it gives. */
  offer(storeDir: string): string {
    const letters = Array.from(randomBytes(32), (byte) => '0123456789abcdfghijklmnpqrsvwxyz'[byte & 31]).join('');
    const path = parseStorePath(storeDir, `${storeDir}/${letters}-item`);
    const { hash: narHash, size: narSize } = this.#archive;
    const facts = { path, narHash, narSize, references: [], deriver: null };
    const secret = parseNixSecretKey(key.secret);
    const fileSize = statSync(`${this.#directory}/${this.#file}`).size;
    const files = [{ url: this.#file, compression: this.#packing, fileSize }] as const;
    const narinfo = printNixNarinfo({ ...facts, files, nixSignatures: [signForNix(secret, facts)] });
    writeFileSync(`${this.#directory}/${storePathHashPart(path)}.narinfo`, narinfo);
    return path;
  }
}

function writePacked(file: string, archive: Buffer, packing: Packing): void {
  writeFileSync(file, archive);
  if (packing === 'none') return;
  const [program, suffix] = packing === 'xz' ? ['xz', '.xz'] : ['zstd', '.zst'];
  execaSync(program, ['-q', '-1', file]);
  renameSync(`${file}${suffix}`, file);
}

export interface CacheAddress {
  readonly url: string;
  close(): void;
}

/** Serves `directory` to the stores at `storeDir`; each answer takes `delay` ms. */
export async function serveCache(directory: string, storeDir: string, delay: number): Promise<CacheAddress> {
  const server = createServer((request, response) => {
    setTimeout(() => {
      if (request.url === '/nix-cache-info') {
        response.end(`StoreDir: ${storeDir}\nWantMassQuery: 1\nPriority: 10\n`);
        return;
      }
      const file = `${directory}${request.url}`;
      const facts = statSync(file, { throwIfNoEntry: false });
      if (facts === undefined) response.writeHead(404).end();
      else if (facts.size <= pieceSize) response.end(readFileSync(file));
      else {
        response.writeHead(200, { 'content-length': facts.size });
        createReadStream(file, { highWaterMark: pieceSize }).pipe(response);
      }
    }, delay);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close().closeAllConnections() };
}
