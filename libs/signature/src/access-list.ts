/**
 * The access control list of a Guix host, `CONFDIR/acl`: `(acl (entry (public-key …) (tag (guix import))) …)`, the keys
 * whose signatures are believed. Entries of any other shape authorise nobody; they are kept when the list is written.
 */
import { fromText } from '@cooper/byte-string';
import { Fault, isFault } from '@cooper/fault';
import { contentsOf } from './parameters.ts';
import { type PublicKey, parsePublicKey, readPublicKey } from './public-key.ts';
import { parseSExpression, printCanonical, type SExpression } from './s-expression.ts';

/** The list as it is in the file, and its keys by their canonical text. */
export interface AccessList {
  readonly expression: SExpression;
  readonly keys: ReadonlyMap<string, PublicKey>;
}

const importTag = printCanonical([fromText('tag'), [fromText('guix'), fromText('import')]]);

/** A list that authorises nobody. */
export const emptyAccessList: AccessList = { expression: [fromText('acl')], keys: new Map() };

/** The list in the file `bytes`. Throws a fault `invalid-access-list`. */
export function parseAccessList(bytes: Uint8Array): AccessList {
  try {
    return readAccessList(parseSExpression(bytes));
  } catch (error) {
    if (isFault(error, 'invalid-s-expression')) throw invalid(error.message, { cause: error });
    throw error;
  }
}

/** The list of a host without a file: its own public key, from the file `bytes`. Throws a fault `invalid-key`. */
export function firstAccessList(bytes: Uint8Array): AccessList {
  return authorise(emptyAccessList, parsePublicKey(bytes).expression);
}

/** The list with one more entry; the list itself where the key is authorised already. Throws a fault `invalid-key`. */
export function authorise(list: AccessList, key: SExpression): AccessList {
  readPublicKey(key);
  if (findAuthorised(list, key) !== undefined || typeof list.expression === 'string') return list;
  const [name, ...entries] = list.expression;
  const entry = [fromText('entry'), key, [fromText('tag'), [fromText('guix'), fromText('import')]]];
  return readAccessList([name ?? fromText('acl'), entry, ...entries]);
}

/** The key, if the list authorises it. */
export function findAuthorised({ keys }: AccessList, key: SExpression): PublicKey | undefined {
  return keys.get(printCanonical(key));
}

function readAccessList(expression: SExpression): AccessList {
  const entries = contentsOf(expression, 'acl');
  if (entries === undefined) throw invalid('it does not begin with acl');
  const keys = entries.flatMap((entry) => authorisedKey(entry) ?? []);
  return { expression, keys: new Map(keys.map((key) => [printCanonical(key.expression), key])) };
}

function authorisedKey(entry: SExpression): PublicKey | undefined {
  const [key, tag, ...others] = contentsOf(entry, 'entry') ?? [];
  if (key === undefined || tag === undefined || others.length > 0 || printCanonical(tag) !== importTag)
    return undefined;
  try {
    return readPublicKey(key);
  } catch (error) {
    // One key of a kind that is not known here is no reason to distrust the others.
    if (isFault(error, 'invalid-key')) return undefined;
    throw error;
  }
}

function invalid(reason: string, options?: ErrorOptions): Fault {
  return new Fault('invalid-access-list', `invalid access control list: ${reason}`, { reason }, options);
}
