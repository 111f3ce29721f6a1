/** The log that the processes of a table share, when a client has started them. */
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import type { Settings } from '@cooper/config';
import { Fault } from '@cooper/fault';

/** A log longer than this, in bytes, is put aside at the next start. */
const longest = 4 * 1024 * 1024;

export class TableLog {
  readonly path: string;
  /** How long it was before. */
  readonly #start: number;
  readonly #descriptor: number;

  /** Opens (or makes) the log for writing. Throws the fault `cannot-start`. */
  constructor({ directories }: Settings) {
    const { state, run } = directories;
    this.path = `${run}/log`;
    try {
      mkdirSync(state, { recursive: true, mode: 0o755 });
      mkdirSync(run, { recursive: true, mode: 0o700 });
      putAside(this.path);
      this.#descriptor = openSync(this.path, 'a', 0o600);
      this.#start = fstatSync(this.#descriptor).size;
    } catch (error) {
      const message = `cannot use ${run}: ${(error as Error).message}`;
      throw new Fault('cannot-start', message, { path: this.path }, { cause: error });
    }
  }

  /** For the process that is to write it. */
  get descriptor(): number {
    return this.#descriptor;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** The last lines since it was opened. */
  tail(): string {
    const lines = readFileSync(this.path).subarray(this.#start).toString().trimEnd().split('\n');
    return lines.slice(-5).join('\n');
  }
}

function putAside(path: string): void {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status !== undefined && status.size > longest) renameSync(path, `${path}.old`);
}
