/**
 * What a client is told while its builds and downloads go on: the scheduler's events in the words of the reference, which
 * clients take apart. Lines that begin with `@` are the build trace, for clients that asked for it.
 */
import type { SchedulerEvent, SubstituteEvent } from '@cooper/contracts';
import { formatHash, parseHash } from '@cooper/hash';
import { levels } from './session-settings.ts';

export interface TraceOptions {
  readonly printBuildTrace: boolean;
  readonly extended: boolean;
  readonly multiplexed: boolean;
  readonly verbosity: number;
  readonly buildVerbosity: number;
}

type EventOf<E extends SchedulerEvent['event']> = Extract<SchedulerEvent, { event: E }>;

/** A download that is under way. */
interface Download {
  readonly url: string;
  readonly size: number | null;
  transferred: number;
}

/** Pieces of text, each one message. Bytes are those of a build log. */
type Pieces = readonly (string | Uint8Array)[];

export class Trace {
  readonly #options: TraceOptions;
  /** The process that does each build, which multiplexed logs name. */
  readonly #processes = new Map<string, number>();
  readonly #elsewhere = new Set<string>();
  #hasWaited = false;
  readonly #downloads = new Map<string, Download>();

  constructor(options: TraceOptions) {
    this.#options = options;
  }

  /** What `event` means for the client. */
  pieces(event: SchedulerEvent): Pieces {
    switch (event.event) {
      case 'build-started':
        this.#processes.set(event.derivation, event.process);
        if (event.isElsewhere) this.#elsewhere.add(event.derivation);
        return this.#line(startLine(event));
      case 'build-log':
        return this.#log(event);
      case 'build-waiting':
        return this.#waiting(event);
      case 'agent-remark':
        return [event.data];
      case 'build-succeeded':
        return this.#succeeded(event);
      case 'build-failed':
        return this.#failed(event);
      case 'hash-mismatch':
        return this.#line(`@ hash-mismatch ${event.path} ${event.algorithm} ${event.expected} ${event.actual}`);
      case 'unsupported-platform':
        return this.#line(`@ unsupported-platform ${event.derivation} ${event.system}`);
      case 'substitution-started':
        return this.#line(`@ substituter-started ${event.path} substitute`);
      case 'substitution-event':
        return this.#downloading(event.path, event.detail);
      case 'substitution-succeeded':
        return [...this.#downloaded(event.path), ...this.#line(`@ substituter-succeeded ${event.path}`)];
      case 'substitution-failed':
        return this.#substitutionFailed(event);
      case 'message':
        return this.#message(event);
      default:
        return [];
    }
  }

  #line(text: string): Pieces {
    return this.#options.printBuildTrace ? [`${text}\n`] : [];
  }

  /** Said once: what there is to wait for may change, that the client waits does not. */
  #waiting({ reason }: EventOf<'build-waiting'>): Pieces {
    if (this.#hasWaited || (reason.for !== 'lock' && reason.for !== 'agent')) return [];
    this.#hasWaited = true;
    return ['waiting for locks or build slots...\n'];
  }

  #log({ derivation, data }: EventOf<'build-log'>): Pieces {
    if (this.#options.verbosity < this.#options.buildVerbosity) return [];
    if (!this.#options.multiplexed) return [data];
    const prefix = `@ build-log ${this.#processes.get(derivation) ?? 0} ${data.length}\n`;
    return [Buffer.concat([Buffer.from(prefix), data])];
  }

  #message({ level, text }: EventOf<'message'>): Pieces {
    if (this.#options.verbosity < levels[levelOf[level]]) return [];
    return [`${level === 'warning' ? 'warning: ' : ''}${text}\n`];
  }

  /** Of a check the reference says it once for each output, then once more, and clients count. */
  #succeeded({ derivation, outputs, checked }: EventOf<'build-succeeded'>): Pieces {
    const times = checked ? outputs.length + 1 : 1;
    return Array.from({ length: times }, () => this.#line(`@ build-succeeded ${derivation} -`)).flat();
  }

  #failed({ derivation, status, message, agentStatus, decisive }: EventOf<'build-failed'>): Pieces {
    if (agentStatus !== undefined) return this.#line(`@ hook-failed ${derivation} - ${agentStatus} ${message}`);
    // The request itself ends with the message.
    if (decisive) return [];
    // What was built elsewhere has told its client already, in the words of the other side.
    const text = message === '' || this.#elsewhere.has(derivation) ? [] : [`${message}\n`];
    const line = failureLine(derivation, status, message);
    const killed = this.#processes.get(derivation);
    return [
      ...text,
      ...(line === undefined ? [] : this.#line(line)),
      ...(isLimit(status) && killed !== undefined ? [`killing process ${killed}\n`] : []),
    ];
  }

  #downloading(path: string, event: SubstituteEvent): Pieces {
    if (event.event === 'warning') return [`${event.message}\n`];
    if (event.event === 'downloading') {
      const { url, size } = event;
      this.#downloads.set(path, { url, size, transferred: 0 });
      if (!this.#options.extended) return [`Downloading ${url}...\n`];
      return this.#line(`@ download-started ${path} ${url} ${size ?? '-'}`);
    }
    const download = this.#downloads.get(path);
    if (download === undefined || !this.#options.extended) return [];
    download.transferred = event.transferred;
    return this.#line(progressLine(path, download));
  }

  #downloaded(path: string): Pieces {
    const download = this.#downloads.get(path);
    this.#downloads.delete(path);
    if (download === undefined) return [];
    if (!this.#options.extended) return ['\n'];
    const { url, transferred, size } = download;
    return [...this.#line(`@ download-succeeded ${path} ${url} ${size ?? transferred}`), '\n'];
  }

  #substitutionFailed({ path, status, message, expected, actual }: EventOf<'substitution-failed'>): Pieces {
    this.#downloads.delete(path);
    const text = this.#options.verbosity >= levels.info ? [`${message}\n`] : [];
    if (expected === undefined || actual === undefined) {
      return [...text, ...this.#line(`@ substituter-failed ${path} ${status} ${message}`)];
    }
    const hashes = `sha256 ${inBase32(expected)} ${inBase32(actual)}`;
    return [
      ...text,
      ...this.#line(`@ hash-mismatch ${path} ${hashes}`),
      ...this.#line(`@ substituter-failed ${path} hash-mismatch ${hashes} ${message}`),
    ];
  }
}

/** A NAR hash, which contracts have in base 16, as clients read it. */
function inBase32(narHash: string): string {
  return formatHash(parseHash(narHash), 'base32');
}

const levelOf = { error: 'error', warning: 'error', info: 'info', debug: 'debug' } as const;

/** The reference's names of log files have a doubled slash, by which clients know where a derivation's name begins. */
function startLine({ derivation, system, logFile, process }: EventOf<'build-started'>): string {
  const log = Buffer.from(logFile)
    .toString('latin1')
    .replace(/(\/drvs\/[^/]{2})\/(?=[^/]*$)/, '$1//');
  return `@ build-started ${derivation} - ${system} ${log} ${process}`;
}

function isLimit(status: string): boolean {
  return status === 'timed-out' || status === 'log-limit-exceeded';
}

function failureLine(derivation: string, status: string, message: string): string | undefined {
  switch (status) {
    case 'timed-out':
    case 'log-limit-exceeded':
      return `@ build-failed ${derivation} - timeout`;
    case 'cached-failure':
      return `@ build-failed ${derivation} - cached`;
    case 'input-rejected':
      return `@ build-failed ${derivation} - 0 ${message}`;
    case 'dependency-failed':
    case 'misc-failure':
    case 'no-substituters':
    case 'cancelled':
      return undefined;
    default:
      return `@ build-failed ${derivation} - 1 ${message}`;
  }
}

function progressLine(path: string, { url, size, transferred }: Download): string {
  return `@ download-progress ${path} ${url} ${size ?? '-'} ${transferred}`;
}
