/**
 * Starting the launcher from a test: one frame in, then what came out of it and of the builder.
 *
 * The specification is given as a plain object in the shape that README.md describes; nothing here checks it, so that
 * tests can send what is wrong.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Packr } from 'msgpackr';

export const launcherPath = fileURLToPath(new URL('../build/launcher', import.meta.url));

/** A report as README.md describes it. */
export interface Report {
  readonly step: string;
  readonly errno: number;
  readonly error: string;
  readonly path?: Buffer;
  readonly field?: string;
  readonly problem?: string;
}

/** How a launch ended. `report` is absent when descriptor 3 closed without a byte: the builder ran. */
export interface Launch {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly report: Report | undefined;
}

const packr = new Packr({ useRecords: false });

/** The frame of a value: its length and its MessagePack. */
export function frame(value: unknown): Buffer {
  return frameBytes(packr.pack(value));
}

/** The frame of bytes that may be anything. */
export function frameBytes(bytes: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/** Starts a command as the launcher wants it: null, a pipe twice, and a channel on descriptor 3. */
export function start(command: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const [file = launcherPath, ...args] = command;
  return spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
}

async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function ending(child: ChildProcess): Promise<Pick<Launch, 'exitCode' | 'signal'>> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

/** Sends these bytes to a started launcher and waits for all that it answers. */
export async function converse(child: ChildProcess, bytes: Buffer): Promise<Launch> {
  const channel = child.stdio[3] as Duplex;
  channel.on('error', () => channel.destroy());
  // Writing nothing to a launcher that has ended already would be an error all the same.
  if (bytes.length > 0) channel.write(bytes);
  const [ended, stdout, stderr, answer] = await Promise.all([
    ending(child),
    readAll(child.stdout as Readable),
    readAll(child.stderr as Readable),
    readAll(channel),
  ]);
  const report = answer.length > 4 ? (packr.unpack(answer.subarray(4)) as Report) : undefined;
  return { ...ended, output: stdout.toString('latin1') + stderr.toString('latin1'), report };
}

/** Launches a specification. */
export function launch(specification: unknown, options?: SpawnOptions): Promise<Launch> {
  return converse(start([launcherPath], options), frame(specification));
}
