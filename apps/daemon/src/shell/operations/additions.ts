/** Operations that put something into the store. */
import { sendBytes } from '@cooper/bulk';
import { Fault, isFault } from '@cooper/fault';
import { NarReader, nullSink } from '@cooper/nar';
import { isStorePath, type StorePath } from '@cooper/store-path';
import type { Operations } from '../operations.ts';
import type { Session } from '../session.ts';

export const additions: Pick<Operations, 'add-to-store' | 'add-text-to-store'> = {
  'add-to-store': {
    readsOn: true,
    run: async ({ name, obsolete, recursive, hashAlgorithm }, session) => {
      // Clients of old say so by this number that they know neither.
      const isOld = obsolete !== 1;
      const wish = {
        name,
        recursive: isOld || recursive === 1,
        hashAlgorithm: isOld ? 'sha256' : hashAlgorithm,
      };
      return addTree(session, wish);
    },
  },
  'add-text-to-store': {
    paths: ({ references }) => references,
    run: async ({ name, text, references }, session) => {
      const store = await session.store();
      const invalid = references.find((path) => !isStorePath(session.site.storeDir, path));
      if (invalid !== undefined)
        throw new Fault('path-not-valid', `path ‘${invalid}’ is not valid`, { reference: invalid });
      const item = { name, contents: text, references: references as readonly StorePath[] };
      const { paths } = await store.call('addTexts', { texts: [item] }, { signal: session.signal });
      return paths[0] as StorePath;
    },
  },
};

interface TreeWish {
  readonly name: string;
  readonly recursive: boolean;
  readonly hashAlgorithm: string;
}

/**
 * Sends the archive on to the store as it comes. Whatever the store says, the archive is read to its end: behind it comes the
 * next request.
 */
async function addTree(session: Session, wish: TreeWish): Promise<StorePath> {
  const archive = new IncomingArchive(session);
  const store = await session.store();
  const added = store.call('addTree', wish, {
    signal: session.signal,
    onItem: (ticket) => sendBytes(ticket, archive.pieces()).catch(onlyFaults),
  });
  const [outcome] = await Promise.allSettled([added]);
  for await (const _piece of archive.pieces());
  session.begin();
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value.info.path;
}

/** A fault of the archive is thrown where the rest of it is read; one of the connection, the store tells. */
function onlyFaults(error: unknown): void {
  if (!isFault(error)) throw error;
}

/** The archive that a client sends: nobody but its own grammar says where it ends. */
class IncomingArchive {
  readonly #session: Session;
  readonly #reader = new NarReader(nullSink);
  problem: Fault | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  /** What has not been read of it. Throws the fault `invalid-nar`. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    const { input } = this.#session;
    while (!this.#reader.isWhole) {
      if (this.problem !== undefined) throw this.problem;
      const piece = await input.nextPiece();
      const used = this.#read(piece);
      input.putBack(piece.subarray(used));
      yield piece.subarray(0, used);
    }
  }

  #read(piece: Buffer): number {
    try {
      return this.#reader.read(piece);
    } catch (error) {
      if (isFault(error)) this.problem = error;
      throw error;
    }
  }
}
