/**
 * The configuration file, `cooper.json`: one JSON object whose names are those of the options, and `processes`. Names that
 * we do not know are refused: a setting that is misspelt must not be ignored.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { Fault } from '@cooper/fault';
import { options } from './option.ts';

/** What the file holds; nothing when there is none. Throws the fault `invalid-configuration`. */
export function readConfiguration(file: string, uid: number): Readonly<Record<string, unknown>> {
  const text = readIfPresent(file, uid);
  if (text === undefined) return {};
  const value = parseJson(file, text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Fault('invalid-configuration', `${file}: expected an object`, { file });
  }
  const unknown = Object.keys(value).find((name) => name !== 'processes' && !Object.hasOwn(options, name));
  if (unknown === undefined) return value as Record<string, unknown>;
  throw new Fault('invalid-configuration', `${file}: there is no setting \`${unknown}'`, { file, name: unknown });
}

function readIfPresent(file: string, uid: number): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    if (uid === 0) checkOwner(file, descriptor);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    const message = `cannot read ${file}: ${(error as Error).message}`;
    throw new Fault('invalid-configuration', message, { file }, { cause: error });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** It names programs that root runs: nobody else may have a say. */
function checkOwner(file: string, descriptor: number): void {
  const { uid, mode } = fstatSync(descriptor);
  if (uid === 0 && (mode & 0o022) === 0) return;
  const message = `${file} names what root runs, and others than root may write to it`;
  throw new Fault('invalid-configuration', message, { file, uid, mode: (mode & 0o7777).toString(8) });
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Fault('invalid-configuration', `${file}: ${(error as Error).message}`, { file }, { cause: error });
  }
}
