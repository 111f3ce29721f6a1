/**
 * Reads derivations from JSON values, in the form that `toJson` makes. Orders do not matter; everything else is strict:
 * unknown and missing fields, repeated entries and strings with lone surrogates, which no bytes encode, are refused.
 */
import { type ByteString, compareBytes, fromText } from '@cooper/byte-string';
import { Fault, isFault } from '@cooper/fault';
import { checkStoreName, parseStorePath, type StorePath } from '@cooper/store-path';
import type { Derivation, DerivationOutput } from './derivation.ts';
import { checkOutputs, makeOutput, parseInputDerivation } from './field-rules.ts';
import type { DerivationOrigin } from './parser.ts';

/** The derivation that `json`, a value from `JSON.parse`, says. Throws faults as `parseDerivation` does. */
export function fromJson(json: unknown, { storeDir, path }: DerivationOrigin): Derivation {
  try {
    return readDerivation(json, storeDir);
  } catch (error) {
    if (!isFault(error)) throw error;
    const code = error.code === 'unsupported-derivation' ? error.code : 'invalid-derivation';
    const subject = path === undefined ? 'derivation' : `derivation \`${path}'`;
    const message = `error reading the JSON of ${subject}: ${error.message}`;
    throw new Fault(code, message, { ...error.facts, path }, { cause: error });
  }
}

const fieldNames = ['outputs', 'inputSrcs', 'inputDrvs', 'system', 'builder', 'args', 'env'];

function readDerivation(json: unknown, storeDir: string): Derivation {
  const fields = object(json, 'the derivation');
  checkFields(fields, fieldNames, 'the derivation');
  return {
    outputs: readOutputs(fields.get('outputs'), storeDir),
    inputDerivations: readInputDerivations(fields.get('inputDrvs'), storeDir),
    inputSources: distinct(strings(fields.get('inputSrcs'), 'inputSrcs')).map((text) => parseStorePath(storeDir, text)),
    system: bytes(fields.get('system'), 'system'),
    builder: bytes(fields.get('builder'), 'builder'),
    args: strings(fields.get('args'), 'args').map(fromText),
    env: readEnv(fields.get('env')),
  };
}

function readOutputs(json: unknown, storeDir: string): Map<string, DerivationOutput> {
  const outputs = new Map<string, DerivationOutput>();
  for (const [name, value] of object(json, 'outputs')) {
    const what = `output \`${name}'`;
    const fields = object(value, what);
    checkFields(fields, fields.has('hash') || fields.has('hashAlgo') ? ['path', 'hashAlgo', 'hash'] : ['path'], what);
    const field = (key: string) => string(fields.has(key) ? fields.get(key) : '', `${key} of ${what}`);
    outputs.set(
      name,
      makeOutput(storeDir, { name, path: field('path'), hashAlgo: field('hashAlgo'), hash: field('hash') }),
    );
  }
  checkOutputs(outputs);
  return outputs;
}

function readInputDerivations(json: unknown, storeDir: string): Map<StorePath, readonly string[]> {
  const inputs = new Map<StorePath, readonly string[]>();
  for (const [path, value] of object(json, 'inputDrvs')) {
    const names = distinct(strings(value, `inputDrvs of \`${path}'`));
    names.forEach(checkStoreName);
    inputs.set(parseInputDerivation(storeDir, path), names);
  }
  return inputs;
}

function readEnv(json: unknown): Map<ByteString, ByteString> {
  const entries = [...object(json, 'env')].map(
    ([name, value]) => [fromText(name), bytes(value, `environment variable \`${name}'`)] as const,
  );
  return new Map(entries.sort(([a], [b]) => compareBytes(a, b)));
}

/** The own fields of an object, in the order of their bytes as far as names are ASCII. */
function object(json: unknown, what: string): Map<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw invalid(`${what} is not an object`);
  const entries = Object.entries(json).sort(([a], [b]) => compareBytes(a, b));
  for (const [name] of entries) string(name, `a field of ${what}`);
  return new Map(entries);
}

function checkFields(fields: ReadonlyMap<string, unknown>, names: readonly string[], what: string): void {
  const missing = names.find((name) => !fields.has(name));
  if (missing !== undefined) throw invalid(`${what} lacks the field \`${missing}'`);
  const unknown = [...fields.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) throw invalid(`${what} has an unknown field \`${unknown}'`);
}

function strings(json: unknown, what: string): string[] {
  if (!Array.isArray(json)) throw invalid(`${what} is not a list`);
  return json.map((item) => string(item, `an item of ${what}`));
}

function string(json: unknown, what: string): string {
  if (typeof json !== 'string') throw invalid(`${what} is not a string`);
  if (!json.isWellFormed()) throw invalid(`${what} has a lone surrogate`);
  return json;
}

function bytes(json: unknown, what: string): ByteString {
  return fromText(string(json, what));
}

/** The texts in order. Throws where one occurs twice. */
function distinct(texts: readonly string[]): string[] {
  const inOrder = [...texts].sort(compareBytes);
  const repeated = inOrder.find((text, index) => text === inOrder[index + 1]);
  if (repeated !== undefined) throw invalid(`\`${repeated}' occurs twice`);
  return inOrder;
}

function invalid(reason: string): Fault {
  return new Fault('invalid-derivation', reason);
}
