import t from 'tap';
import { afterDeath, type Death, noDeaths } from './restart.ts';

const quick: Death = { how: 'SIGSEGV', lifetime: 50 };

function delays(deaths: readonly Death[]): unknown[] {
  let restart = noDeaths;
  return deaths.map((death) => {
    const decision = afterDeath(restart, death, true);
    restart = decision.restart;
    return 'delay' in decision ? decision.delay : decision.giveUp;
  });
}

t.test('what dies at once waits ever longer, up to half a minute', async (t) => {
  t.strictSame(delays(Array(12).fill(quick)).slice(0, 4), [100, 200, 400, 800]);
  t.equal(delays(Array(12).fill(quick)).at(-1), 30_000);
});

t.test('what was well is started at once, and forgiven', async (t) => {
  const long: Death = { how: 'exit code 1', lifetime: 10_000 };
  t.strictSame(delays([quick, quick, long, quick]), [100, 200, 0, 100]);
});

t.test('where somebody waits, the third quick death is the last', async (t) => {
  t.match(afterDeath({ quickDeaths: 1 }, quick, false), { delay: 200 });
  t.match(afterDeath({ quickDeaths: 2 }, quick, false), { giveUp: /3 times/ });
});

t.test('a bad command line or configuration will not mend itself', async (t) => {
  for (const how of ['exit code 64', 'exit code 78']) {
    t.match(afterDeath(noDeaths, { how, lifetime: 100_000 }, true), { giveUp: /so again/ });
  }
});
