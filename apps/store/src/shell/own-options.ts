/** The options that are the store's own, beside the settings of Cooper. */
import { type PassPoint, passing } from './fault-point.ts';

export interface OwnOptions {
  /** `--sync-before-registration`: items are made durable before they are registered. See docs/store-states.md. */
  readonly syncs: boolean;
  /** `--fault-point=NAME`, for tests: where to die. */
  readonly pass: PassPoint;
  /** The same, for threads. */
  readonly faultPoint: string | undefined;
}

const sync = '--sync-before-registration';
const faultPoint = '--fault-point=';

/** Takes our own options from `words`; `rest` are the others. Throws the fault `invalid-option`. */
export function readOwnOptions(words: readonly string[]): OwnOptions & { readonly rest: readonly string[] } {
  const isOwn = (word: string) => word === sync || word.startsWith(faultPoint);
  const chosen = words.find((word) => word.startsWith(faultPoint));
  const point = chosen?.slice(faultPoint.length);
  return {
    faultPoint: point,
    syncs: words.includes(sync),
    pass: passing(point),
    rest: words.filter((word) => !isOwn(word)),
  };
}
