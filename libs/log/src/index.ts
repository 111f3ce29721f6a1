/**
 * Log lines of a process, for people: `cooper-store: warning: …` on standard error. Text from outside (names, messages of
 * peers) may hold anything; control characters in it are shown, never sent to a terminal, and no line can pass for one of
 * another process. Why not a logging library: docs/decisions/0005-own-log-lines.md.
 */
import { printable } from './printable.ts';
import { writeToStderr } from './standard-error.ts';

export { printable } from './printable.ts';

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
  /** Where an entry goes, whole, with its line feeds; standard error, unbuffered, unless said. */
  readonly write?: (entry: string) => void;
}

/** The log of the process `name`. Entries of several lines (stacks) have the name before each. */
export function makeLog(name: string, { level = 'info', write = writeToStderr }: LogOptions = {}): Log {
  const entry =
    (of: Level) =>
    (text: string, facts: LogFacts = {}) => {
      if (levels.indexOf(of) > levels.indexOf(level)) return;
      const [first = '', ...rest] = text.split('\n').map(printable);
      const head = `${name}: ${of === 'info' ? '' : `${of}: `}${first}${factsText(facts)}\n`;
      write(head + rest.map((line) => `${name}: | ${line}\n`).join(''));
    };
  return { error: entry('error'), warning: entry('warning'), info: entry('info'), debug: entry('debug') };
}

function factsText(facts: LogFacts): string {
  return Object.entries(facts)
    .map(([name, value]) => ` ${name}=${quoteIfNeeded(String(value))}`)
    .join('');
}

/** Where a value with blanks begins and ends has to be seen. */
function quoteIfNeeded(text: string): string {
  return printable(/^[^\s"=]+$/.test(text) ? text : JSON.stringify(text));
}

/** What to do about errors of a server's functions that are no faults: they are bugs, and their stack tells where. */
export function bugReporter(log: Log): (error: unknown, call: string) => void {
  return (error, call) => log.error(`bug in ${call}: ${String((error as Error).stack)}`);
}
