/** The signature of an item in an import stream. What is said about a bad one is what guix-daemon's clients know. */
import { Fault, isFault } from '@cooper/fault';
import { type AccessList, judgeGuixSignature, parseSExpression, printAdvanced } from '@cooper/signature';
import type { StorePath } from '@cooper/store-path';
import type { ImportedItem } from './import-item.ts';

/** Throws the faults `unsigned-import` and `unauthorized-import` unless an authorised key has signed the item. */
export function checkSignature({ info, signature, digest }: ImportedItem, list: AccessList): void {
  if (signature === undefined) throw unsigned(info.path);
  const verdict = judgeGuixSignature(signature, digest, list);
  if (verdict === 'valid-signature') return;
  throw new Fault('unauthorized-import', messages[verdict](printed(signature)), { verdict });
}

const messages = {
  'hash-mismatch': () =>
    "signed hash doesn't match actual contents of imported archive; archive could be corrupt, or someone is trying to import a Trojan horse",
  'unauthorized-key': (text: string) => `unauthorized public key: ${text.slice(text.indexOf('(public-key'))}`,
  'invalid-signature': (text: string) => `invalid signature: ${text}`,
  'corrupt-signature': (text: string) => `corrupt signature data: ${text}`,
};

function unsigned(path: StorePath): Fault {
  return new Fault('unsigned-import', `imported archive of \`${path}' lacks a signature`, { path });
}

/** A signature as a message can show it, whatever somebody has put in it. */
function printed(signature: Buffer): string {
  try {
    return printAdvanced(parseSExpression(signature)).slice(0, 10_000);
  } catch (error) {
    if (isFault(error, 'invalid-s-expression')) return JSON.stringify(signature.toString('latin1', 0, 200));
    throw error;
  }
}
