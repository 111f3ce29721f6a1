/**
 * Launchers that have been started and wait for their specification. One is kept ahead while there are builds: starting a
 * program takes longer than telling it what to do, and can be done while another build runs.
 */
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Fault } from '@cooper/fault';
import { makePipe, startProcess } from '@cooper/system-calls';
import { type ProcessEnd, processEnd } from './process-end.ts';

const program = fileURLToPath(new URL('../../../../native/launcher/build/launcher', import.meta.url));

/** How long, in ms, a launcher waits for a build before it is let go. */
const patience = 10_000;

export interface Launcher {
  readonly pid: number;
  /** What it and the builder write can be read here: standard output and error, in the order written. */
  readonly output: number;
  /** The specification goes in, the report comes out. */
  readonly channel: number;
  readonly ended: Promise<ProcessEnd>;
}

export class Launchers {
  #spare: Launcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** One that nobody else has. Throws the fault `launcher-failed`. */
  take(): Launcher {
    const taken = this.#spare ?? start();
    this.#spare = undefined;
    clearTimeout(this.#timer);
    return taken;
  }

  /** Starts the next one, if there is none ahead. What keeps it from starting is told to whoever takes one. */
  startAhead(): void {
    if (this.#spare !== undefined || this.#isClosed) return;
    try {
      this.#keep(start());
    } catch {}
  }

  /** Lets go of what waits, for good. */
  close(): void {
    this.#isClosed = true;
    this.#letGo();
  }

  #keep(launcher: Launcher): void {
    this.#spare = launcher;
    this.#timer = setTimeout(() => this.#letGo(), patience).unref();
    void launcher.ended.then(() => {
      // Nobody told it to.
      if (this.#spare === launcher) this.#letGo();
    });
  }

  /** It ends when its channel does. */
  #letGo(): void {
    if (this.#spare === undefined) return;
    closeSync(this.#spare.channel);
    closeSync(this.#spare.output);
    this.#spare = undefined;
    clearTimeout(this.#timer);
  }
}

function start(): Launcher {
  // One pipe for both, and a real one: builders find what the reference gives them, and the order of lines is kept.
  const { read: output, write } = makePipe();
  try {
    const { pid, channel } = startProcess(program, write);
    return { pid, output, channel, ended: processEnd(pid) };
  } catch (cause) {
    closeSync(output);
    const message = `cannot start ${program}: ${(cause as Error).message}`;
    throw new Fault('launcher-failed', message, { path: program }, { cause });
  } finally {
    closeSync(write);
  }
}
