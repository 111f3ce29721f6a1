/** Decoders of what Node does not unpack by itself: they take a piece and give a piece, and hold no more than they must. */

/** What came of a step. */
export interface Step {
  readonly output: Uint8Array;
  /** Whether more input is wanted before there can be more output. */
  readonly hungry: boolean;
  /** Whether the file is whole, and over. */
  readonly ended: boolean;
}

export interface Decoder {
  /** Goes on with `input` (empty: with what it has; null: there is no more). Throws for what is malformed. */
  step(input: Uint8Array | null): Step;
  close(): void;
}

export type DecoderKind = 'lzma' | 'bzip2';

/** What goes to a decoder thread, and comes back. */
export type DecoderRequest =
  | { readonly job: number; readonly kind: DecoderKind; readonly input: Uint8Array | null }
  | { readonly job: number; readonly close: true };
export type DecoderReply = { readonly job: number } & (Step | { readonly error: string });
