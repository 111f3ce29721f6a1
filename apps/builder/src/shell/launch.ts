/** Starts the launcher, gives it a specification, and learns whether the builder runs and how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { check, type LaunchReport, type LaunchSpecification, launchReport } from '@cooper/contracts';
import { Fault } from '@cooper/fault';
import { makePipe } from '@cooper/system-calls';
import { Packr, Unpackr } from 'msgpackr';
import { childrenOf, killProcess, type ProcessIdentity, waitUntilGone } from './processes.ts';

const launcher = fileURLToPath(new URL('../../../../native/launcher/build/launcher', import.meta.url));

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

/** How the process of a build ended. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** A launcher, and the builder that it becomes the mirror of: it ends as the builder does. */
export class Launched {
  readonly pid: number;
  /** Standard output and error of the builder, in the order written. */
  readonly output: Readable;
  /** Resolves with nothing when the builder runs, else with the step that failed. */
  readonly report: Promise<LaunchReport | undefined>;
  /** Resolves when the launcher has ended, and with it the builder. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #killed: ProcessIdentity[] = [];

  /** Starts the builder that `specification` describes. Throws the fault `launcher-failed`. */
  constructor(specification: LaunchSpecification) {
    // One pipe for both, and a real one: builders find what the reference gives them, and the order of lines is kept.
    const pipe = makePipe();
    const child = spawn(launcher, [], { stdio: ['ignore', pipe.write, pipe.write, 'pipe'], env: {}, cwd: '/' });
    closeSync(pipe.write);
    this.#child = child;
    this.pid = pidOf(child, pipe.read);
    this.output = new Socket({ fd: pipe.read, readable: true, writable: false });
    const channel = child.stdio[3] as Duplex;
    this.ended = endOf(child).then((end) => this.#afterKilled(end));
    this.report = readReport(channel);
    channel.write(frame(specification));
  }

  /**
   * Kills the builder, or the launcher if there is none yet. The launcher then ends when the builder is gone, and so all
   * that was in its process namespace.
   */
  kill(): void {
    const builder = childrenOf(this.pid);
    if (builder.length === 0) this.#child.kill('SIGKILL');
    for (const process of builder) killProcess(process);
    this.#killed.push(...builder);
  }

  /** A launcher that somebody else killed as well ends before its builder does. */
  async #afterKilled(end: ProcessEnd): Promise<ProcessEnd> {
    for (const process of this.#killed) await waitUntilGone(process);
    return end;
  }
}

function pidOf(child: ChildProcess, pipe: number): number {
  if (child.pid !== undefined) return child.pid;
  closeSync(pipe);
  // The error is told later, to listeners; what it says more is of use to nobody here.
  child.once('error', () => undefined);
  throw new Fault('launcher-failed', `cannot start ${launcher}: it is not built, or the machine has no room for more`, {
    path: launcher,
  });
}

function frame(specification: LaunchSpecification): Buffer {
  const limits = specification.limits?.map(({ resource, soft, hard }) => ({
    resource,
    soft: wide(soft),
    hard: wide(hard),
  }));
  const payload = packr.pack({ ...specification, limits });
  const header = Buffer.allocUnsafe(4);
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload]);
}

/** Numbers that msgpackr would write as floating point go out as integers. */
function wide(value: number | null): number | bigint | null {
  return value !== null && value >= 2 ** 32 ? BigInt(value) : value;
}

async function readReport(channel: Duplex): Promise<LaunchReport | undefined> {
  const chunks: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => {
    channel.once('close', resolve);
    channel.once('end', () => channel.destroy());
    // A launcher that dies while it is being written to: how it ended says the rest.
    channel.once('error', () => channel.destroy());
  });
  const answer = Buffer.concat(chunks);
  return answer.length > 4 ? check(launchReport, unpackr.unpack(answer.subarray(4)), 'report') : undefined;
}

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}
