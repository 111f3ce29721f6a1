/** What a narinfo says: the description of a store item in a cache, and who vouches for it. */
import type { Hash } from '@cooper/hash';
import type { StorePath } from '@cooper/store-path';

/** A description of a store item, as a cache serves it in `HASH-PART.narinfo`. */
export interface Narinfo {
  readonly path: StorePath;
  /** Of the archive as it is without compression: SHA-256. */
  readonly narHash: Hash;
  /**
   * Of the archive as it is without compression, in bytes; at least 1. What is larger than 2^53 - 1 is told as that, and
   * exactly by `exactNarSize`.
   */
  readonly narSize: number;
  /** Sorted, each once. */
  readonly references: readonly StorePath[];
  /** The derivation that made the item; null where the cache does not say. Nix's signatures do not cover it. */
  readonly deriver: StorePath | null;
  /** `x86_64-linux`, for example. A hint. */
  readonly system?: string;
  /** `text:…` or `fixed:…`: how the path follows from the contents. A hint; Nix writes it. */
  readonly contentAddress?: string;
  /** Where the archive is, at least one place, in the order of the file. Hints: no signature covers them for certain. */
  readonly files: readonly [NarFile, ...NarFile[]];
  /** Guix's signature, where there is one. Then all fields but `files` and `nixSignatures` are from what it covers. */
  readonly guixSignature?: GuixSignature;
  /** Nix's signatures, of the fingerprint; those that are malformed are left out. */
  readonly nixSignatures: readonly NixSignature[];
}

/** One of the forms in which a cache has the archive. */
export interface NarFile {
  /** As it is written: relative to the cache, mostly. Not empty, visible ASCII characters only. */
  readonly url: string;
  /** `gzip`, `none`, any word; null where it is not said: Nix means bzip2 by that, Guix no compression. */
  readonly compression: string | null;
  /** Of the file as it is served. Nobody signs it, neither Nix nor Guix checks it. */
  readonly fileHash?: string;
  /** Of the file as it is served, in bytes. */
  readonly fileSize?: number;
}

/** `Signature: 1;HOST;BASE64`. */
export interface GuixSignature {
  /** The host that signed, by its own account. */
  readonly host: string;
  /** What is signed: the bytes of the file above the signature. */
  readonly signed: Uint8Array;
  /** The signature, an s-expression in libgcrypt's advanced (or any other) form. */
  readonly expression: Uint8Array;
}

/** `Sig: KEY-NAME:BASE64`. */
export interface NixSignature {
  readonly keyName: string;
  /** 64 bytes, Ed25519. */
  readonly signature: Uint8Array;
}
