/**
 * Log lines of a process, for people: `cooper-store: warning: …` on standard error, one line an entry. Text from outside
 * (names, messages of peers) may hold anything; control characters in it are shown, never sent to a terminal.
 */
import { writeSync } from 'node:fs';

export const levels = ['error', 'warning', 'info', 'debug'] as const;
export type Level = (typeof levels)[number];

/** Facts that go with a line, in the order given: `key=value`. */
export type LogFacts = Readonly<Record<string, unknown>>;

export interface Log {
  error(text: string, facts?: LogFacts): void;
  warning(text: string, facts?: LogFacts): void;
  info(text: string, facts?: LogFacts): void;
  debug(text: string, facts?: LogFacts): void;
}

export interface LogOptions {
  /** Entries less important than this are left out. */
  readonly level?: Level;
  /** Where a whole line goes; standard error, unbuffered, unless said. */
  readonly write?: (line: string) => void;
}

/** The log of the process `name`. */
export function makeLog(name: string, { level = 'info', write = writeToStderr }: LogOptions = {}): Log {
  const entry =
    (of: Level) =>
    (text: string, facts: LogFacts = {}) => {
      if (levels.indexOf(of) > levels.indexOf(level)) return;
      write(`${name}: ${of === 'info' ? '' : `${of}: `}${printable(text)}${factsText(facts)}\n`);
    };
  return { error: entry('error'), warning: entry('warning'), info: entry('info'), debug: entry('debug') };
}

/** `text` with every control character but the horizontal tab shown as `\xNN`: nothing in it moves a cursor. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function factsText(facts: LogFacts): string {
  return Object.entries(facts)
    .map(([name, value]) => ` ${name}=${printable(String(value))}`)
    .join('');
}

function writeToStderr(line: string): void {
  try {
    writeSync(2, line);
  } catch (error) {
    // A reader that is gone or slow must not end the process that reports to it.
    if (!['EAGAIN', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
