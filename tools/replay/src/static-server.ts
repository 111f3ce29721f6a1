/** The substitute server of a scenario: files below a directory, some of them removed or replaced. */

import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join, normalize } from 'node:path';
import type { SubstituteServer } from './scenario.ts';

/** Serves what the scenario in `folder` describes; gives the server once it listens. */
export async function serveFiles(folder: string, { url, root, removed, changed }: SubstituteServer): Promise<Server> {
  const replaced = new Map(changed.map(({ path, file }) => [path, join(folder, file)]));
  const server = createServer((request, response) => {
    const name = normalize(decodeURIComponent(new URL(request.url ?? '/', url).pathname)).slice(1);
    const contents = removed.includes(name) ? undefined : readFile(replaced.get(name) ?? join(folder, root, name));
    response.writeHead(contents === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' });
    response.end(contents);
  });
  const { hostname, port } = new URL(url);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(port), hostname, resolve);
  });
  return server;
}

function readFile(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
}
