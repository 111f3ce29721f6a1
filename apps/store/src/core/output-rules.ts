/**
 * What a derivation says its outputs must keep to: in environment variables for all of them, or, with structured attributes
 * (`__json`), in `outputChecks` for each by its name, as Nix has it.
 */
import { fromText, toText } from '@cooper/byte-string';
import type { OutputPath } from '@cooper/contracts';
import { attributeWords, type Derivation } from '@cooper/derivation';
import { Rejection } from './rejection.ts';

/** A list of what an output may refer to, or may not. */
interface ReferenceRule {
  /** The list says what is allowed; else what is not. */
  readonly allowed: boolean;
  /** It is about all requisites, not only direct references. */
  readonly requisites: boolean;
  /** Store paths and names of outputs. */
  readonly specifiers: readonly string[];
}

export interface OutputRules {
  /** In the order in which the reference looks at them. */
  readonly references: readonly ReferenceRule[];
  /** In bytes, of the NAR. */
  readonly maxSize: number | undefined;
  /** The same, with all requisites. */
  readonly maxClosureSize: number | undefined;
}

const kinds = [
  { attribute: 'allowedReferences', allowed: true, requisites: false },
  { attribute: 'allowedRequisites', allowed: true, requisites: true },
  { attribute: 'disallowedReferences', allowed: false, requisites: false },
  { attribute: 'disallowedRequisites', allowed: false, requisites: true },
] as const;

/** Throws the rejection `invalid-output-check` for rules that cannot be understood. */
export function outputRules(derivation: Derivation, output: OutputPath): OutputRules {
  const json = derivation.env.get(fromText('__json'));
  if (json === undefined) return variableRules(derivation);
  return new CheckReader(toText(json), output).rules;
}

function variableRules({ env }: Derivation): OutputRules {
  const references = kinds.flatMap(({ attribute, ...kind }) => {
    const value = env.get(fromText(attribute));
    return value === undefined ? [] : [{ ...kind, specifiers: attributeWords(toText(value)) }];
  });
  return { references, maxSize: undefined, maxClosureSize: undefined };
}

/** Reads the member of `outputChecks` for one output. */
class CheckReader {
  readonly rules: OutputRules;
  readonly #output: OutputPath;

  constructor(json: string, output: OutputPath) {
    this.#output = output;
    const checks = this.#member(this.#parse(json), 'outputChecks', 'outputChecks');
    const check = this.#member(checks, output.name, `outputChecks.${output.name}`);
    this.rules = {
      references: kinds.flatMap(({ attribute, ...kind }) => {
        const value = check[attribute];
        return value === undefined ? [] : [{ ...kind, specifiers: this.#texts(value, attribute) }];
      }),
      maxSize: this.#size(check, 'maxSize'),
      maxClosureSize: this.#size(check, 'maxClosureSize'),
    };
  }

  #parse(json: string): Record<string, unknown> {
    try {
      return this.#object(JSON.parse(json), '__json');
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#invalid('__json', `JSON: ${error.message}`);
      throw error;
    }
  }

  /** What is not there says nothing. */
  #member(object: Record<string, unknown>, name: string, place: string): Record<string, unknown> {
    return Object.hasOwn(object, name) ? this.#object(object[name], place) : {};
  }

  #object(value: unknown, place: string): Record<string, unknown> {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject) throw this.#invalid(place, 'an object');
    return value as Record<string, unknown>;
  }

  #texts(value: unknown, attribute: string): readonly string[] {
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw this.#invalid(`outputChecks.${this.#output.name}.${attribute}`, 'a list of strings');
  }

  #size(check: Record<string, unknown>, attribute: string): number | undefined {
    const value = check[attribute];
    if (value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= 0)) return value;
    throw this.#invalid(`outputChecks.${this.#output.name}.${attribute}`, 'a number of bytes');
  }

  #invalid(place: string, expected: string): Rejection {
    const message = `\`${place}' in the structured attributes of the derivation must be ${expected}`;
    return new Rejection('invalid-output-check', message, { output: this.#output });
  }
}
