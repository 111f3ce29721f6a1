/** How long a process lets others wait while it works. */
import { setTimeout as delay } from 'node:timers/promises';

/** How often, in ms, it is asked for something small. */
const interval = 5;

/** The longest time, in ms, that an answer to `ask` took until `work` was done. */
export async function longestSilence(ask: () => Promise<void>, work: () => Promise<void>): Promise<number> {
  let isDone = false;
  let longest = 0;
  const working = work().finally(() => {
    isDone = true;
  });
  while (!isDone) {
    const asked = performance.now();
    await ask();
    longest = Math.max(longest, performance.now() - asked);
    await delay(interval);
  }
  await working;
  return longest;
}
