/** `builtin:fetchurl`, as Nix's `<nix/fetchurl.nix>` uses it: one URL, made executable or unpacked if asked for. */
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, openSync, rmSync } from 'node:fs';
import { Fault } from '@cooper/fault';
import { printable } from '../core/progress.ts';
import { type DownloadRequest, neededAttribute, outputName } from '../core/request.ts';
import { fetchFirst } from './attempts.ts';
import { unpackFile } from './unpacking.ts';

/** Makes the output. Throws the fault `download-failed`. */
export async function fetchUrl(request: DownloadRequest): Promise<void> {
  const { attributes, output, hash, recursive, progress } = request;
  const url = neededAttribute(request, 'url', `attribute 'url' missing`);
  const unpack = attributes['unpack'] === '1';
  const file = unpack ? 'archive' : output;
  const known = recursive || unpack ? {} : { hash };
  const fetched = await fetchFirst({ urls: [url], file, name: outputName(output), traced: progress, ...known });
  if (!fetched) {
    rmSync(file, { force: true });
    throw new Fault('download-failed', `unable to download '${printable(url)}'`);
  }
  if (unpack) await unpackFile(url.endsWith('.xz') ? expand(file) : file, output);
  if (attributes['executable'] === '1') chmodSync(output, 0o755);
}

/** Node has no decoder for this: the program of that name does it. */
function expand(file: string): string {
  const expanded = `${file}.nar`;
  const fd = openSync(expanded, 'wx');
  try {
    const { status, error } = spawnSync('xz', ['--decompress', '--stdout', '--', file], { stdio: ['ignore', fd, 2] });
    if (status !== 0) throw new Fault('download-failed', `cannot decompress ${file}: ${error?.message ?? 'xz fails'}`);
  } finally {
    closeSync(fd);
  }
  return expanded;
}
