/** The program as a whole: reads its request, does it, and says what is wrong. */
import { readFileSync } from 'node:fs';
import { isFault } from '@cooper/fault';
import { type Builtin, type DownloadRequest, parseRequest } from '../core/request.ts';
import { download } from './download.ts';
import { fetchUrl } from './fetch-url.ts';
import { gitDownload } from './git-download.ts';
import { say } from './speech.ts';

const actions: Readonly<Record<Builtin, (request: DownloadRequest) => Promise<void>>> = {
  download,
  'git-download': gitDownload,
  fetchurl: fetchUrl,
};

/** Does what the file `path` asks for. Resolves with the exit code: 1 for a download that failed. */
export async function runBuiltin(path: string): Promise<number> {
  try {
    const request = parseRequest(readFileSync(path, 'utf8'));
    await actions[request.builtin](request);
    return 0;
  } catch (error) {
    if (!isFault(error)) throw error;
    say(`error: ${error.message}\n`);
    return 1;
  }
}
