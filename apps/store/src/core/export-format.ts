/** The format of `nix-store --export`: for each path a 1, its archive, and what is registered for it; a 0 at the end. */
import type { PathInfo } from '@cooper/contracts';

/** Stands behind the archive of each path. */
export const exportMagic = 0x4558494e;

/** What stands behind the archive of a path: what is registered for it. A signature is one of the archive and this. */
export function exportTrailer({ path, references, deriver }: PathInfo): Buffer {
  return Buffer.concat([
    integer(exportMagic),
    string(path),
    integer(references.length),
    ...references.map(string),
    string(deriver ?? ''),
  ]);
}

/** What stands behind that: whether there is a signature, and it. */
export function exportSignature(signature: Buffer | undefined): Buffer {
  return signature === undefined ? integer(0) : Buffer.concat([integer(1), string(signature.toString('latin1'))]);
}

export function integer(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([integer(bytes.length), bytes, Buffer.alloc((8 - (bytes.length & 7)) & 7)]);
}
