/** Operations that carry whole items to and from the client, inside messages. */
import type { Socket } from 'node:net';
import { redeem, sendBytes } from '@cooper/bulk';
import { Fault } from '@cooper/fault';
import { ByteQueue, readBytes } from '@cooper/worker-protocol';
import { ExportEnd } from '../../core/export-end.ts';
import { validCandidate } from '../../core/named-paths.ts';
import { levels } from '../../core/session-settings.ts';
import type { Operations } from '../operations.ts';
import type { Session } from '../session.ts';

/** How much goes into one message, in bytes: what the reference sends and asks for. */
const writeSize = 64 * 1024;
const readSize = 32 * 1024;

export const transfers: Pick<Operations, 'export-path' | 'import-paths'> = {
  'export-path': {
    paths: ({ path }) => [path],
    run: async ({ path, sign }, session) => {
      if (session.settings.verbosity >= levels.info) await session.output.say(`exporting path \`${path}'\n`);
      const paths = [validCandidate(session.site.storeDir, path)];
      await session.site.store.call(
        'exportPaths',
        { paths, sign: sign === 1 },
        { signal: session.signal, onItem: async (ticket) => sendOn(await redeem(ticket), session) },
      );
      return 1;
    },
  },
  'import-paths': {
    run: async (_wish, session) => {
      const store = await session.store();
      const { paths } = await store.call(
        'importPaths',
        { allowUnsigned: false },
        { signal: session.signal, onItem: (ticket) => sendBytes(ticket, askFor(session)) },
      );
      return paths;
    },
  },
};

/** The store says before each path that there is one, and behind the last that there is none: eight bytes each. */
const mark = 8;

/** Sends what the store gives for one path to the client, in full messages. */
async function sendOn(from: Socket, { output }: Session): Promise<void> {
  const queue = new ByteQueue();
  let isInside = false;
  for await (const bytes of from as AsyncIterable<Buffer>) {
    queue.push(bytes);
    if (!isInside && queue.length >= mark) isInside = queue.take(mark).length > 0;
    while (queue.length >= writeSize + mark) await output.send({ message: 'write', data: queue.take(writeSize) });
  }
  // What is cut off has been damaged on disk: the store says so, and the client gets no more of it.
  if (isInside && queue.length > mark) await output.send({ message: 'write', data: queue.take(queue.length - mark) });
}

/** Asks the client for an export, piece by piece until it is whole, and sends it to the store. */
async function* askFor({ input, output }: Session): AsyncGenerator<Uint8Array> {
  const end = new ExportEnd();
  while (!end.isReached) {
    await output.send({ message: 'read', most: readSize });
    const piece = await input.read(readBytes(readSize));
    if (piece.length === 0) throw new Fault('invalid-export', 'unexpected end-of-file');
    yield piece.subarray(0, end.read(piece));
  }
}
