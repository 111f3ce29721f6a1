/** Opening a file at a cache, and at another one too when the first is slow to answer: who answers first is read. */
import type { OpenFile } from './cache.ts';
import { cacheFailure } from './cache-failure.ts';
import type { Sources } from './sources.ts';
import type { Source } from './transfer.ts';

/** How long, in ms, one cache may keep us waiting alone. */
const hedgeDelay = 700;

export interface Opened {
  readonly source: Source;
  readonly open: OpenFile;
}

interface Attempt {
  readonly source: Source;
  readonly controller: AbortController;
  readonly opened: Promise<Opened>;
}

/** Throws `cache-failed` when it cannot be opened at `first`, nor at the one that was tried beside it. */
export async function openFirst(first: Source, sources: Sources, signal: AbortSignal): Promise<Opened> {
  const attempts = [begin(first, signal)];
  const late = Symbol('late');
  let timer: NodeJS.Timeout | undefined;
  const waiting = new Promise<typeof late>((resolve) => {
    timer = setTimeout(resolve, hedgeDelay, late);
  });
  try {
    const alone = await Promise.race([attempts[0]?.opened, waiting]);
    if (alone !== late && alone !== undefined) return alone;
    const second = await sources.next();
    if (second !== undefined) attempts.push(begin(second, signal));
    const opened = await Promise.any(attempts.map((attempt) => attempt.opened));
    for (const { source } of attempts) if (source !== opened.source) sources.putBack(source);
    for (const { source, controller } of attempts) if (source !== opened.source) controller.abort();
    return opened;
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    clearTimeout(timer);
  }
}

function begin(source: Source, signal: AbortSignal): Attempt {
  const controller = new AbortController();
  const both = AbortSignal.any([signal, controller.signal]);
  const opened = open(source, both);
  // The one that loses fails, and nobody waits for it any more.
  opened.catch(() => undefined);
  void opened.then(
    ({ open }) => {
      if (controller.signal.aborted) open.bytes.destroy();
    },
    () => undefined,
  );
  return { source, controller, opened };
}

async function open(source: Source, signal: AbortSignal): Promise<Opened> {
  const { cache, form } = source;
  try {
    const open = await cache.cache.open(form.file.url, { offset: 0, version: null }, signal);
    if (open === undefined) throw cacheFailure(cache.name, 'it does not have the archive', { local: true });
    cache.answered();
    return { source, open };
  } catch (error) {
    if (!signal.aborted) cache.failed(error);
    throw error;
  }
}
