/** Starts the launcher, gives it a specification, and learns whether the builder runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { makePipe } from '@cooper/system-calls';
import { Packr } from 'msgpackr';

const launcher = fileURLToPath(new URL('../../../../native/launcher/build/launcher', import.meta.url));

const packr = new Packr({ useRecords: false });

/** The step that failed, as native/launcher/README.md has it. */
export interface LaunchReport {
  readonly step: string;
  readonly errno: number;
  readonly error: string;
  readonly path?: Uint8Array;
  readonly field?: string;
  readonly problem?: string;
}

/** How the process of a build ended. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export interface Launched {
  readonly process: number;
  /** Standard output and error of the builder, in the order written. */
  readonly output: Readable;
  /** Resolves with nothing when the builder runs, else with the step that failed. */
  readonly report: Promise<LaunchReport | undefined>;
  readonly ended: Promise<ProcessEnd>;
  kill(): void;
}

/** Starts the builder that `specification` describes. */
export function launch(specification: object): Launched {
  // One pipe for both, and a real one: builders find what the reference gives them, and the order of lines is kept.
  const pipe = makePipe();
  const child = spawn(launcher, [], { stdio: ['ignore', pipe.write, pipe.write, 'pipe'], env: {}, cwd: '/' });
  closeSync(pipe.write);
  const channel = child.stdio[3] as Duplex;
  const ended = endOf(child);
  const report = readReport(channel);
  channel.write(frame(specification));
  return {
    process: child.pid ?? 0,
    output: new Socket({ fd: pipe.read, readable: true, writable: false }),
    report,
    ended,
    kill: () => child.kill('SIGKILL'),
  };
}

function frame(specification: object): Buffer {
  const payload = packr.pack(specification);
  const header = Buffer.allocUnsafe(4);
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload]);
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
  return answer.length > 4 ? (packr.unpack(answer.subarray(4)) as LaunchReport) : undefined;
}

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}
