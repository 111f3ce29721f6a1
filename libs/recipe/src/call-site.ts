/** Where in a recipe a call was made, so that whatever is wrong with it later can be said with file and line. */
import { fileURLToPath } from 'node:url';
import { getCallSites } from 'node:util';
import { Fault } from '@cooper/fault';

/** A place in a source file. Lines and columns count from 1. */
export interface CallSite {
  /** An absolute path; what the engine calls the script where it is no file. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where the function that calls this one was called from. */
export function callerSite(): CallSite {
  const [, , caller] = getCallSites(3);
  if (caller === undefined) return { file: 'unknown', line: 0, column: 0 };
  const { scriptName, lineNumber, columnNumber } = caller;
  const file = scriptName.startsWith('file:') ? fileURLToPath(scriptName) : scriptName;
  return { file, line: lineNumber, column: columnNumber };
}

/** The fault `invalid-recipe`: `reason` about the thing called `subject`, which `site` made. */
export function recipeFault(site: CallSite, subject: string, reason: string, cause?: unknown): Fault {
  const { file, line, column } = site;
  const message = `${file}:${line}:${column}: ${subject}: ${reason}`;
  return new Fault('invalid-recipe', message, { file, line, column, subject, reason }, cause ? { cause } : {});
}
