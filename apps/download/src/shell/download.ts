/** `builtin:download`, as Guix's derivations use it: one file, from any of its URLs, its mirrors, or by its hash. */
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { Fault } from '@cooper/fault';
import { addressAt, contentMirrorsOf } from '../core/content-mirrors.ts';
import { type Datum, readDatum } from '../core/datum.ts';
import { expandUrl, mirrorsOf } from '../core/mirrors.ts';
import { withoutCredentials } from '../core/progress.ts';
import { type DownloadRequest, neededAttribute, outputName, urlsIn } from '../core/request.ts';
import { fetchFirst } from './attempts.ts';
import { say } from './speech.ts';

/** Makes the output. Throws the fault `download-failed`. */
export async function download(request: DownloadRequest): Promise<void> {
  const { attributes, output, hash, recursive } = request;
  const asked = neededAttribute(request, 'url', `${outputName(output)}: missing URL`);
  const mirrors = mirrorsOf(readMirrors(attributes['mirrors']));
  const urls = urlsIn(asked).flatMap((url) => expandUrl(url, mirrors));
  const byContent = contentMirrorsOf(readMirrors(attributes['content-addressed-mirrors']));
  const wanted = { file: outputName(output), hash };
  const fetched = await fetchFirst({
    // An archive's hash finds no file.
    urls: [...urls, ...(recursive ? [] : byContent.map((mirror) => addressAt(mirror, wanted)))],
    file: output,
    name: output,
    traced: request.progress,
    ...(recursive ? {} : { hash }),
  });
  if (!fetched) {
    rmSync(output, { force: true });
    throw new Fault('download-failed', `failed to download "${output}" from ${withoutCredentials(asked)}`);
  }
  if (attributes['executable'] === '1') chmodSync(output, 0o755);
}

/** The datum in a file of mirrors; without one, an empty list. What cannot be read costs only the mirrors. */
function readMirrors(file: string | undefined): Datum {
  if (file === undefined) return [];
  try {
    return readDatum(readFileSync(file, 'utf8'));
  } catch (error) {
    say(`warning: the mirrors in ${file} are not used: ${(error as Error).message}\n`);
    return [];
  }
}
