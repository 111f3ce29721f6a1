/**
 * The parser of derivation files.
 *
 * It takes the canonical form and nothing else: what it has read prints as the very bytes that were given, so two files
 * that differ are two derivations. Unsorted or repeated entries, superfluous escapes, missing or doubled commas and
 * bytes behind the end are refused (Nix 2.8 and Guix's daemon take them, and read forever where a string has no end).
 */
import type { ByteString } from '@cooper/byte-string';
import { Fault, isFault } from '@cooper/fault';
import { checkStoreName, parseStorePath, type StorePath } from '@cooper/store-path';
import { AtermReader } from './aterm-reader.ts';
import type { Derivation, DerivationOutput } from './derivation.ts';
import { checkOutputs, makeOutput, parseInputDerivation } from './field-rules.ts';

/** Where a derivation is from. */
export interface DerivationOrigin {
  /** The store directory, which all its paths are in. */
  readonly storeDir: string;
  /** The path of the derivation, or another name for it in messages. */
  readonly path?: string;
}

/**
 * The derivation that `bytes` say. Throws faults `invalid-derivation`, and `unsupported-derivation` for the experimental
 * kinds of Nix; the facts have `path` and `position`, the offset in bytes of what is wrong.
 */
export function parseDerivation(bytes: Uint8Array, origin: DerivationOrigin): Derivation {
  let reader: AtermReader | undefined;
  try {
    reader = new AtermReader(bytes);
    return new DerivationParser(reader, origin.storeDir).derivation();
  } catch (error) {
    throw isFault(error) ? locate(error, origin, reader?.position ?? 0) : error;
  }
}

function locate(cause: Fault, { path }: DerivationOrigin, position: number): Fault {
  const code = cause.code === 'unsupported-derivation' ? cause.code : 'invalid-derivation';
  const subject = path === undefined ? 'derivation' : `derivation \`${path}'`;
  const message = `error parsing ${subject}: ${cause.message} (at byte ${position})`;
  return new Fault(code, message, { ...cause.facts, path, position }, { cause });
}

/** One method for each part of the file, in its order. */
class DerivationParser {
  readonly #reader: AtermReader;
  readonly #storeDir: string;

  constructor(reader: AtermReader, storeDir: string) {
    this.#reader = reader;
    this.#storeDir = storeDir;
  }

  derivation(): Derivation {
    const outputs = this.#outputs();
    const inputDerivations = this.#inputDerivations();
    const inputSources = this.#inputSources();
    const system = this.#field();
    const builder = this.#field();
    const args = this.#args();
    const env = this.#env();
    this.#reader.expect(')');
    this.#reader.end();
    return { outputs, inputDerivations, inputSources, system, builder, args, env };
  }

  #outputs(): Map<string, DerivationOutput> {
    const outputs = new Map<string, DerivationOutput>();
    let last: string | undefined;
    this.#reader.list('Derive([', () => {
      this.#reader.expect('(');
      const name = this.#reader.string();
      last = inOrder(last, name, 'outputs');
      outputs.set(name, this.#output(name));
      this.#reader.expect(')');
    });
    checkOutputs(outputs);
    return outputs;
  }

  #output(name: string): DerivationOutput {
    const path = this.#field();
    const hashAlgo = this.#field();
    const hash = this.#field();
    return makeOutput(this.#storeDir, { name, path, hashAlgo, hash });
  }

  #inputDerivations(): Map<StorePath, readonly string[]> {
    const inputs = new Map<StorePath, readonly string[]>();
    let last: string | undefined;
    this.#reader.list(',[', () => {
      this.#reader.expect('(');
      const path = parseInputDerivation(this.#storeDir, this.#reader.string());
      last = inOrder(last, path, 'input derivations');
      inputs.set(path, this.#outputNames());
      this.#reader.expect(')');
    });
    return inputs;
  }

  #outputNames(): string[] {
    const names: string[] = [];
    this.#reader.list(',[', () => {
      const name = this.#reader.string();
      checkStoreName(name);
      inOrder(names.at(-1), name, 'output names of an input derivation');
      names.push(name);
    });
    return names;
  }

  #inputSources(): StorePath[] {
    const sources: StorePath[] = [];
    this.#reader.list(',[', () => {
      const path = this.#storePath();
      inOrder(sources.at(-1), path, 'input sources');
      sources.push(path);
    });
    return sources;
  }

  #args(): ByteString[] {
    const args: ByteString[] = [];
    this.#reader.list(',[', () => args.push(this.#reader.string()));
    return args;
  }

  #env(): Map<ByteString, ByteString> {
    const env = new Map<ByteString, ByteString>();
    let last: string | undefined;
    this.#reader.list(',[', () => {
      this.#reader.expect('(');
      const name = this.#reader.string();
      last = inOrder(last, name, 'environment variables');
      env.set(name, this.#field());
      this.#reader.expect(')');
    });
    return env;
  }

  /** A string behind a comma. */
  #field(): ByteString {
    this.#reader.expect(',');
    return this.#reader.string();
  }

  #storePath(): StorePath {
    return parseStorePath(this.#storeDir, this.#reader.string());
  }
}

/** `next`, when it comes after `last` by its bytes. */
function inOrder(last: string | undefined, next: string, what: string): string {
  if (last === undefined || last < next) return next;
  throw new Fault('invalid-derivation', `its ${what} are ${last === next ? 'repeated' : 'not sorted'}`);
}
