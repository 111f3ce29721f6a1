/** The edge of the process: what was thrown becomes one line and an exit status. */
import { isFault } from '@cooper/fault';
import { CommanderError } from 'commander';
import { exitStatus } from '../core/exit-status.ts';
import { messages } from '../core/messages.ts';
import { printable } from '../core/printable.ts';
import { say } from './output.ts';

/** Says what `error` is, and gives the exit status for it. */
export function report(error: unknown): number {
  // Commander has said it already, or has printed help or the version.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.success : exitStatus.failure;
  if (isFault(error)) say(messages.error(onePrintableLine(error.message)));
  else say(messages.bug(error instanceof Error ? (error.stack ?? String(error)) : String(error)));
  return exitStatus.failure;
}

function onePrintableLine(text: string): string {
  return text.split('\n').map(printable).join('\n  ');
}
