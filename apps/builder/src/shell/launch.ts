/** Gives a launcher its specification, and learns whether the builder runs and how it ended. */
import { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { check, type LaunchReport, type LaunchSpecification, launchReport } from '@cooper/contracts';
import { Packr, Unpackr } from 'msgpackr';
import type { Launcher } from './launchers.ts';
import type { ProcessEnd } from './process-end.ts';
import { childrenOf, killProcess, type ProcessIdentity, waitUntilGone } from './processes.ts';

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

/** A launcher, and the builder that it becomes the mirror of: it ends as the builder does. */
export class Launched {
  readonly pid: number;
  /** Standard output and error of the builder, in the order written. */
  readonly output: Readable;
  /** Resolves with nothing when the builder runs, else with the step that failed. */
  readonly report: Promise<LaunchReport | undefined>;
  /** Resolves when the launcher has ended, and with it the builder. */
  readonly ended: Promise<ProcessEnd>;
  readonly #killed: ProcessIdentity[] = [];
  #isOver = false;

  /**
   * Starts the builder that `specification` describes. `attach` is called when its network can be attached to the
   * outside, with the launcher's id; the builder waits for it.
   */
  constructor(launcher: Launcher, specification: LaunchSpecification, attach: (launcher: number) => Promise<void>) {
    this.pid = launcher.pid;
    this.ended = launcher.ended.then((end) => this.#afterKilled(end));
    this.output = new Socket({ fd: launcher.output, readable: true, writable: false });
    const channel = new Socket({ fd: launcher.channel });
    this.report = readReport(channel, () => attach(launcher.pid));
    channel.write(frame(specification));
  }

  /**
   * Kills the builder, or the launcher if there is none yet. The launcher then ends when the builder is gone, and so all
   * that was in its process namespace.
   */
  kill(): void {
    if (this.#isOver) return;
    const builder = childrenOf(this.pid);
    if (builder.length === 0) process.kill(this.pid, 'SIGKILL');
    for (const child of builder) killProcess(child);
    this.#killed.push(...builder);
  }

  /** A launcher that somebody else killed as well ends before its builder does. */
  async #afterKilled(end: ProcessEnd): Promise<ProcessEnd> {
    this.#isOver = true;
    for (const child of this.#killed) await waitUntilGone(child);
    return end;
  }
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

async function readReport(channel: Duplex, attach: () => Promise<void>): Promise<LaunchReport | undefined> {
  let answer: Buffer = Buffer.alloc(0);
  await new Promise<void>((resolve, reject) => {
    channel.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (!isQuestion(answer)) return;
      answer = answer.subarray(4);
      attach().then(
        () => channel.write('y'),
        (error: unknown) => {
          channel.destroy();
          reject(error);
        },
      );
    });
    channel.once('close', resolve);
    channel.once('end', () => channel.destroy());
    // A launcher that dies while it is being written to: how it ended says the rest.
    channel.once('error', () => channel.destroy());
  });
  return answer.length > 4 ? check(launchReport, unpackr.unpack(answer.subarray(4)), 'report') : undefined;
}

/** An empty frame asks for the network. */
function isQuestion(answer: Buffer): boolean {
  return answer.length >= 4 && answer.readUInt32BE(0) === 0;
}
