/** S34: builds that leave processes behind. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Job } from '@cooper/contracts';
import type { Test } from 'tap';
import type { TestBuilder } from './builder.ts';

/** Leaves processes behind: in a session of their own, twice forked, deaf to signals, each with `mark` in its arguments. */
const flee = (mark: string) => `
  trap "" TERM INT HUP
  (setsid sh -c 'trap "" TERM INT HUP; exec 1>&- 2>&-; (exec sleep 98765.${mark}) & wait' &) &
  setsid sleep 98765.${mark} &
  (sleep 98765.${mark} &) &
  sleep 0.3
`;

/** The processes of the machine that have `word` among their arguments. */
function processesWith(word: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes(word);
    } catch {
      return false; // It has ended meanwhile.
    }
  });
}

/** Has builds of every end leave processes behind, and checks that none runs when the outcome is told. */
export async function checkNothingStays(t: Test, builder: TestBuilder, changes: Partial<Job> = {}): Promise<void> {
  const mark = String(process.pid) + String(Math.random()).slice(2, 8);
  let seen = 0;
  const onItem = () => {
    seen = Math.max(seen, processesWith(`98765.${mark}`).length);
  };
  const limits = { timeout: 2, maxSilentTime: 0, maxLogSize: 0 };
  const ends = [
    ['succeeded', builder.script(`${flee(mark)} echo here; echo x > $out; exit 0`, changes)],
    ['failed', builder.script(`${flee(mark)} echo here; exit 1`, changes)],
    ['limited', builder.script(`${flee(mark)} echo here; sleep 1000`, { ...changes, limits })],
  ] as const;
  for (const [status, job] of ends) {
    const { outcome } = await builder.offer(job, { onItem });
    t.equal(outcome.status, status);
    t.same(processesWith(`98765.${mark}`), [], status);
  }
  t.ok(seen > 0, 'they did run meanwhile');
  t.same(builder.leftovers(), []);
}
