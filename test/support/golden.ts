/**
 * Reads the recorded data under `test/golden`: JSON, and bundles of files (tar archives), compressed with zstd where
 * the name ends in `.zst`.
 */
import { readFileSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';

const blockSize = 512;

/** The bytes of `name`, a path below `test/golden`, decompressed. */
export function readGolden(name: string): Buffer {
  const bytes = readFileSync(new URL(`../golden/${name}`, import.meta.url));
  return name.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes;
}

/** The JSON value in `name`. Its shape is the caller's word. */
export function readGoldenJson<Json>(name: string): Json {
  return JSON.parse(readGolden(name).toString('utf8')) as Json;
}

/** The regular files in the archive `name`, by their paths in it. */
export function readGoldenBundle(name: string): Map<string, Buffer> {
  const archive = readGolden(name);
  const files = new Map<string, Buffer>();
  let longName: string | undefined;
  for (let at = 0; archive[at] !== 0; ) {
    const header = archive.subarray(at, at + blockSize);
    const size = Number.parseInt(text(header, 124, 12), 8);
    const contents = archive.subarray(at + blockSize, at + blockSize + size);
    const type = text(header, 156, 1);
    if (type === 'L') longName = text(contents, 0, size);
    else {
      if (type === '0') files.set(longName ?? text(header, 0, 100), contents);
      else if (type !== '5') throw new Error(`${name}: entries of type ${type} are not known`);
      longName = undefined;
    }
    at += blockSize + Math.ceil(size / blockSize) * blockSize;
  }
  return files;
}

function text(bytes: Buffer, start: number, length: number): string {
  return bytes.toString('latin1', start, start + length).replace(/\0.*$/s, '');
}
