/** Standard output and error, and what becomes of them when whoever reads them goes away. */
import { once } from 'node:events';
import { type Bytes, writeEach } from '@cooper/bulk';
import { exitStatus } from '../core/exit-status.ts';

/** Ends the process without a word when the other end of standard output or error is closed, as `| head` does. */
export function endQuietlyWhenClosed(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(exitStatus.outputClosed);
    });
  }
}

/** Prints lines; resolves when there is room for more. */
export async function printLines(lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await print(`${lines.join('\n')}\n`);
}

/** Prints text as it is; resolves when there is room for more. */
export async function print(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Prints bytes as they come. */
export function printBytes(bytes: Bytes): Promise<void> {
  return writeEach(process.stdout, bytes);
}

/** Says something on standard error. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Says lines on standard error; resolves when there is room for more. */
export async function sayLines(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  if (!process.stderr.write(`${lines.join('\n')}\n`)) await once(process.stderr, 'drain');
}
