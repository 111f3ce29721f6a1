/** One item of an import stream: restored into staging, with what the stream says of it and who has signed that. */
import { Fault, isFault } from '@cooper/fault';
import type { Hasher } from '@cooper/hash';
import { parseStorePath, type StorePath } from '@cooper/store-path';
import { exportMagic } from '../core/export-format.ts';
import { ArchiveIntake, type Intake } from './archive-intake.ts';
import type { ByteSource } from './byte-source.ts';
import type { NewPath } from './registrar.ts';
import type { Location } from './store-directory.ts';

/** More than any item refers to; what is announced is not believed further. */
const maxReferences = 100_000;

/** More than a signature by the largest RSA key has. */
const maxSignature = 64 * 1024;

export interface ImportedItem {
  readonly info: NewPath;
  readonly signature: Buffer | undefined;
  /** What a signature is about: the SHA-256 of all before it. */
  readonly digest: Uint8Array;
}

type Trailer = Pick<NewPath, 'path' | 'references' | 'deriver'>;

/** Whether another item follows. */
export async function isNext(source: ByteSource): Promise<boolean> {
  const mark = await source.integer();
  if (mark > 1) throw invalid(`the number ${mark} where 1 (a path) or 0 (the end) should be`);
  return mark === 1;
}

/** Nothing may follow the last item. */
export async function expectEnd(source: ByteSource): Promise<void> {
  if (!(await source.isAtEnd())) throw invalid('bytes after its end');
}

/** Restores the next item of `source` to `staged`. */
export async function restoreItem(source: ByteSource, staged: Location, storeDir: string): Promise<ImportedItem> {
  const { narHash, narSize, hasher } = await restore(source, staged);
  const trailer = await source.hashing(hasher, () => readTrailer(source, storeDir));
  const signature = await readSignature(source);
  return { info: { ...trailer, narHash, narSize }, signature, digest: hasher.digest().digest };
}

async function readTrailer(source: ByteSource, storeDir: string): Promise<Trailer> {
  if ((await source.integer()) !== exportMagic) throw invalid('no magic number behind the archive');
  const path = readPath(storeDir, await source.string());
  const count = await source.integer();
  if (count > maxReferences) throw invalid(`${count} references`);
  const references = new Set<StorePath>();
  for (let index = 0; index < count; index++) references.add(readPath(storeDir, await source.string()));
  return { path, references: [...references].sort(), deriver: readDeriver(storeDir, await source.string()) };
}

/** Nix writes a name that is no path where it does not know the deriver. */
function readDeriver(storeDir: string, text: string): StorePath | null {
  return text === '' || text === 'unknown-deriver' ? null : readPath(storeDir, text);
}

function readPath(storeDir: string, text: string): StorePath {
  try {
    return parseStorePath(storeDir, text);
  } catch (error) {
    throw isFault(error) ? invalid(error.message) : error;
  }
}

async function restore(source: ByteSource, staged: Location): Promise<Intake & { readonly hasher: Hasher }> {
  using intake = new ArchiveIntake(staged, { algorithm: 'sha256', recursive: true });
  await source.feed(
    (chunk) => intake.take(chunk),
    () => intake.isWhole,
  );
  return { ...intake.finish(), hasher: intake.hasher };
}

function invalid(what: string): Fault {
  return new Fault('invalid-export', `invalid export: ${what}`);
}

async function readSignature(source: ByteSource): Promise<Buffer | undefined> {
  const signatures = await source.integer();
  if (signatures > 1) throw invalid(`the number ${signatures} where 0 or 1 tells of a signature`);
  return signatures === 0 ? undefined : Buffer.from(await source.string(maxSignature), 'latin1');
}
