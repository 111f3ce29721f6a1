/**
 * Derivations as JSON values, in the form of `nix show-derivation` of Nix 2.8 (what stands under the derivation's path).
 *
 * JSON is text, derivations are bytes: one that is not UTF-8 has no JSON form, and says so.
 */
import { type ByteString, isUtf8, toText } from '@cooper/byte-string';
import { Fault } from '@cooper/fault';
import type { Derivation, DerivationOutput } from './derivation.ts';

/** The JSON form. Its objects have no prototype, so that any name, `__proto__` too, is a key like the others. */
export interface DerivationJson {
  readonly outputs: Readonly<Record<string, DerivationOutputJson>>;
  readonly inputSrcs: readonly string[];
  readonly inputDrvs: Readonly<Record<string, readonly string[]>>;
  readonly system: string;
  readonly builder: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** One output; the hash is there for fixed outputs only. */
export interface DerivationOutputJson {
  readonly path: string;
  readonly hashAlgo?: string;
  readonly hash?: string;
}

/** The JSON form of `derivation`. Throws a fault `not-utf8` where a string in it is not UTF-8. */
export function toJson(derivation: Derivation): DerivationJson {
  return {
    outputs: record(derivation.outputs, outputToJson),
    inputSrcs: [...derivation.inputSources],
    inputDrvs: record(derivation.inputDerivations, (names) => [...names]),
    system: text(derivation.system, 'the system'),
    builder: text(derivation.builder, 'the builder'),
    args: derivation.args.map((argument) => text(argument, 'an argument')),
    env: record(derivation.env, (value, name) => text(value, `environment variable \`${name}'`)),
  };
}

function outputToJson({ path, hashAlgo, hash }: DerivationOutput): DerivationOutputJson {
  return hash === '' ? { path } : { path, hashAlgo, hash };
}

function record<Value, Json>(
  map: ReadonlyMap<string, Value>,
  toValue: (value: Value, name: string) => Json,
): Record<string, Json> {
  const result: Record<string, Json> = Object.create(null);
  for (const [key, value] of map) {
    const name = text(key as ByteString, 'the name of an environment variable');
    result[name] = toValue(value, name);
  }
  return result;
}

function text(bytes: ByteString, what: string): string {
  if (isUtf8(bytes)) return toText(bytes);
  throw new Fault('not-utf8', `${what} is not UTF-8, so the derivation cannot be written as JSON`, { what });
}
