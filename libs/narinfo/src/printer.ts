/**
 * Writes narinfos. Guix's order has what is signed first, then the signature, then the places of the archive; Nix's order
 * has the first place behind the path. What Guix's order gives serves Nix clients too: they pass over `Signature:`, and
 * take the last of several places.
 */
import { type ByteString, fromText, toBytes } from '@cooper/byte-string';
import { formatPrefixedHash } from '@cooper/hash';
import { storePathBaseName } from '@cooper/store-path';
import type { GuixSignature, NarFile, Narinfo, NixSignature } from './narinfo.ts';

/** What a cache vouches for when it signs a narinfo. */
export type NarinfoFacts = Pick<Narinfo, 'path' | 'narHash' | 'narSize' | 'references' | 'deriver' | 'system'>;

/** The same, with what was signed. */
export type SignedFacts = NarinfoFacts & Pick<Narinfo, 'guixSignature' | 'nixSignatures'>;

/** The text that Guix signs, and the beginning of the file: everything down to the signature. */
export function printSignedPart(facts: NarinfoFacts): Buffer {
  return join(signedLines(facts));
}

/** The file as `guix publish` serves it; without `Signature:` where there is none. */
export function printGuixNarinfo(narinfo: Narinfo): Buffer {
  return Buffer.concat([printSigned(narinfo), printNarFiles(narinfo.files)]);
}

/** The beginning of that: what is signed, and all signatures. The places of the archive are to follow. */
export function printSigned({ guixSignature, nixSignatures, ...facts }: SignedFacts): Buffer {
  return join([
    ...signedLines(facts),
    ...(guixSignature === undefined ? [] : [signatureLine(guixSignature)]),
    ...nixSignatures.map(nixSignatureLine),
  ]);
}

/** The lines that say where the archive is, in each of its forms. */
export function printNarFiles(files: readonly NarFile[]): Buffer {
  return join(files.flatMap(fileLines));
}

/** The file as `nix copy` writes it. */
export function printNixNarinfo(narinfo: Narinfo): Buffer {
  const { path, system, contentAddress } = narinfo;
  const [, ...described] = factLines(narinfo);
  return join([
    `StorePath: ${path}`,
    ...narinfo.files.flatMap(fileLines),
    ...described,
    ...(system === undefined ? [] : [`System: ${system}`]),
    ...narinfo.nixSignatures.map(nixSignatureLine),
    ...(contentAddress === undefined ? [] : [`CA: ${contentAddress}`]),
  ]);
}

/** The text that Nix signs: `1;PATH;NAR-HASH;NAR-SIZE;REFERENCE,REFERENCE…`. */
export function printFingerprint({ path, narHash, narSize, references }: NarinfoFacts): Buffer {
  const hash = formatPrefixedHash(narHash, 'base32');
  return Buffer.from(`1;${path};${hash};${narSize};${references.join(',')}`, 'latin1');
}

function signedLines(facts: NarinfoFacts): readonly string[] {
  return [...factLines(facts), ...(facts.system === undefined ? [] : [`System: ${facts.system}`])];
}

function factLines({ path, narHash, narSize, references, deriver }: NarinfoFacts): readonly string[] {
  return [
    `StorePath: ${path}`,
    `NarHash: ${formatPrefixedHash(narHash, 'base32')}`,
    `NarSize: ${narSize}`,
    `References: ${references.map(storePathBaseName).join(' ')}`,
    ...(deriver === null ? [] : [`Deriver: ${storePathBaseName(deriver)}`]),
  ];
}

function fileLines({ url, compression, fileHash, fileSize }: NarFile): readonly string[] {
  return [
    `URL: ${url}`,
    ...(compression === null ? [] : [`Compression: ${compression}`]),
    ...(fileHash === undefined ? [] : [`FileHash: ${fileHash}`]),
    ...(fileSize === undefined ? [] : [`FileSize: ${fileSize}`]),
  ];
}

function signatureLine({ host, expression }: GuixSignature): string {
  return `Signature: 1;${fromText(host)};${Buffer.from(expression).toString('base64')}`;
}

function nixSignatureLine({ keyName, signature }: NixSignature): string {
  return `Sig: ${keyName}:${Buffer.from(signature).toString('base64')}`;
}

/** Each line is a byte string: paths and hashes are ASCII, and what a narinfo says beyond that is kept as it came. */
function join(lines: readonly string[]): Buffer {
  return toBytes(lines.map((line) => `${line}\n`).join('') as ByteString);
}
