/** Named parts of s-expressions: `(name value)` inside of lists. */
import { toBytes } from '@cooper/byte-string';
import { toNumber } from './modular-arithmetic.ts';
import type { SExpression } from './s-expression.ts';

/** What is behind `name` in the list that begins with it; undefined for any other expression. */
export function contentsOf(expression: SExpression | undefined, name: string): readonly SExpression[] | undefined {
  if (typeof expression !== 'object' || expression[0] !== name) return undefined;
  return expression.slice(1);
}

/** The lists among `expressions` that begin with a name, by their names. Undefined when a name comes twice. */
export function parametersOf(expressions: readonly SExpression[]): ReadonlyMap<string, SExpression> | undefined {
  const parameters = new Map<string, SExpression>();
  for (const expression of expressions) {
    const [name] = typeof expression === 'object' ? expression : [];
    if (typeof name !== 'string' || parameters.has(name)) return undefined;
    parameters.set(name, expression);
  }
  return parameters;
}

/** The one byte string in the parameter; undefined where it is something else. */
export function bytesOf(parameters: ReadonlyMap<string, SExpression> | undefined, name: string): Buffer | undefined {
  const [value, ...others] = contentsOf(parameters?.get(name), name) ?? [];
  return typeof value === 'string' && others.length === 0 ? toBytes(value) : undefined;
}

/** The number in the parameter, without a sign; undefined where it has none. */
export function numberOf(parameters: ReadonlyMap<string, SExpression> | undefined, name: string): bigint | undefined {
  const bytes = bytesOf(parameters, name);
  return bytes === undefined ? undefined : toNumber(bytes);
}
