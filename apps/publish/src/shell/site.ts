/** What answers are made from. */
import type { CompressedFiles } from './compressed-files.ts';
import type { PublishOptions } from './options.ts';
import type { SignedHeads } from './signed-heads.ts';
import type { Store } from './store-archives.ts';

export interface Site {
  readonly options: PublishOptions;
  readonly store: Store;
  readonly heads: SignedHeads;
  /** Compressed archives that are kept, if any are. */
  readonly files: CompressedFiles | undefined;
}
