/** Replays a part of the recorded behaviour of the reference: all of it takes longer than one test may. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const recordings = fileURLToPath(new URL('../../golden/behaviour/', import.meta.url));
const replayer = fileURLToPath(new URL('../../../tools/replay/src/main.ts', import.meta.url));
const parts = 3;

/** Tests the scenarios of part `part` (from 0): every third, so that the parts are alike. */
export function testPart(part: number): void {
  const skip = process.getuid?.() === 0 ? false : 'needs root: gives each scenario a store and accounts of its own';
  const scenarios = readdirSync(recordings)
    .filter((name) => name !== 'common')
    .filter((_name, place) => place % parts === part);
  t.setTimeout(295_000);
  t.test('what was recorded of the reference happens again', { skip }, async (t) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [replayer, recordings, ...scenarios], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    const unexpected = stdout.replace(/^ok .*\n/gm, '');
    // Not more of it than a person reads: the test compares character by character.
    t.equal((unexpected + stderr).slice(0, 4000), `${scenarios.length} passed, 0 failed\n`);
    t.equal(status, 0);
  });
}
