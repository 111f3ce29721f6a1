/** The first in the order of preference that has an answer: of those that answer in time. */

/** How long, in ms, a better answer is waited for at least, once there is one; */
const leastGrace = 50;
/** and in proportion to how long that one took. */
const proportion = 0.3;

export interface Preference {
  /** Those that have been too slow before: they are not waited for again. */
  readonly late: Set<number>;
}

/**
 * The answer of the first of `answers` that has one; undefined when none has. Once there is an answer, those before it are
 * waited for a little while only; who is late is noted in `late`.
 */
export function prefer<T>(answers: readonly Promise<T | undefined>[], { late }: Preference): Promise<T | undefined> {
  const began = Date.now();
  const state: ('pending' | { readonly value: T } | 'none')[] = answers.map(() => 'pending');
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const decide = (waiting: boolean) => {
      const found = state.findIndex((one) => typeof one === 'object');
      const best = state[found];
      const before = state.slice(0, found < 0 ? state.length : found);
      const open = before.some((one, index) => one === 'pending' && (found < 0 || !late.has(index)));
      if (open && (waiting || best === undefined)) {
        if (best !== undefined) timer ??= setTimeout(giveUp, Math.max(leastGrace, (Date.now() - began) * proportion));
        return;
      }
      clearTimeout(timer);
      resolve(typeof best === 'object' ? best.value : undefined);
    };
    const giveUp = () => {
      const found = state.findIndex((one) => typeof one === 'object');
      for (const [index, one] of state.entries()) if (one === 'pending' && index < found) late.add(index);
      decide(false);
    };
    for (const [index, answer] of answers.entries()) {
      void answer.then((value) => {
        state[index] = value === undefined ? 'none' : { value };
        decide(true);
      });
    }
    if (answers.length === 0) resolve(undefined);
  });
}
