/** Logs of builds, as the builder keeps them: found, decompressed, and followed while they grow. */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable, type Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { type LogPlace, logPlaces } from '@cooper/build-log';
import { Fault } from '@cooper/fault';
import type { StorePath } from '@cooper/store-path';
import { messages } from '../core/messages.ts';

/** How often, in ms, a growing log is looked at. */
const interval = 150;

/** Tells whether the build still runs or waits. */
export type IsBuilding = () => Promise<boolean>;

const isOver: IsBuilding = async () => false;

/** The file with the log of `derivation`; waits for it while `isBuilding`. */
export async function findLog(
  directory: string,
  derivation: StorePath,
  isBuilding: IsBuilding = isOver,
): Promise<LogPlace> {
  for (;;) {
    const building = await isBuilding();
    const file = newestFile(logPlaces(directory, derivation));
    if (file !== undefined) return file;
    if (!building) throw new Fault('no-log', messages.noLog(derivation, directory), { path: derivation, directory });
    await delay(interval);
  }
}

/** Builds of different times may have been compressed in different ways: the last one counts. */
function newestFile(files: readonly LogPlace[]): LogPlace | undefined {
  const times = files.map((file) => ({ file, time: statSync(file.path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  return times.filter(({ time }) => time > 0).sort((a, b) => b.time - a.time)[0]?.file;
}

/** The bytes of the log in `file`, up to where they have been written; goes on while `isBuilding`. */
export async function* readLog(file: LogPlace, isBuilding: IsBuilding = isOver): AsyncGenerator<Uint8Array> {
  await using handle = await open(file.path);
  const bytes = growingBytes(handle, isBuilding);
  if (file.compression === 'none') yield* bytes;
  else if (file.compression === 'bzip2') yield* bunzip(bytes);
  else
    yield* decompress(
      bytes,
      file.compression === 'gzip' ? createGunzip(untilEnd.gzip) : createZstdDecompress(untilEnd.zstd),
    );
}

/** A log that is being written ends in the middle: what there is counts. */
const untilEnd = {
  gzip: { finishFlush: constants.Z_SYNC_FLUSH },
  zstd: { finishFlush: constants.ZSTD_e_flush },
};

async function* growingBytes(handle: FileHandle, isBuilding: IsBuilding): AsyncGenerator<Uint8Array> {
  for (;;) {
    // Asked before reading: what is written until the build ends is read after that.
    const building = await isBuilding();
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(65_536));
      if (bytesRead === 0) break;
      yield buffer.subarray(0, bytesRead);
    }
    if (!building) return;
    await delay(interval);
  }
}

async function* decompress(bytes: AsyncIterable<Uint8Array>, decompressor: Transform): AsyncGenerator<Uint8Array> {
  const source = Readable.from(bytes, { objectMode: false });
  source.on('error', (error) => decompressor.destroy(error));
  for await (const chunk of source.pipe(decompressor)) yield chunk as Buffer;
}

/** Node knows no bzip2; the program that wrote the log reads it. It gives whole blocks only, so a growing log lags. */
async function* bunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const child = spawn('bzip2', ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const started = new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(new Fault('no-bzip2', messages.noBzip2(error.message), {}, { cause: error })),
    );
  });
  await started;
  const source = Readable.from(bytes, { objectMode: false });
  // It stops reading where the log is cut: what it has printed by then is what there is.
  child.stdin.on('error', () => source.destroy());
  source.pipe(child.stdin);
  for await (const chunk of child.stdout) yield chunk as Buffer;
}
