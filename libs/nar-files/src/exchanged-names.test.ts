/**
 * Trees in which somebody exchanges a directory and a symlink all the time: what is done with the tree fails or
 * succeeds, but nothing outside is touched, and nothing of the outside gets in.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { isFault } from '@cooper/fault';
import t, { type Test } from 'tap';
import { dump } from '../../../test/support/dump.ts';
import { startExchanging } from '../../../test/support/exchange.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { canonicaliseTree, copyTree, removeTree } from './index.ts';

const rounds = 50;
const secret = 'this is the canary';

/**
 * An area with a canary, and a process that exchanges the entries `a` and `b` of the tree in it, whenever there is one.
 */
async function makeArea(t: Test): Promise<string> {
  const area = temporaryDirectory(t, { inMemory: true });
  mkdirSync(`${area}/canary`);
  for (let index = 0; index < 20; index++) writeFileSync(`${area}/canary/f${index}`, secret);
  const stop = await startExchanging(`${area}/tree`, ['a', 'b']);
  t.teardown(async () => t.comment(`${await stop()} exchanges`));
  return area;
}

/** A tree in which `a` is a directory and `b` a symlink to the canary, or the other way round a moment later. */
function makeTree(area: string): void {
  const name = 'new-tree';
  mkdirSync(`${area}/${name}/a`, { recursive: true });
  for (let index = 0; index < 100; index++) writeFileSync(`${area}/${name}/a/f${index}`, 'harmless');
  symlinkSync(`${area}/canary`, `${area}/${name}/b`);
  renameSync(`${area}/${name}`, `${area}/tree`);
}

/** Names, contents, modes, owners and times. */
function stateOfCanary(area: string): unknown {
  return ['.', ...readdirSync(`${area}/canary`)].map((name) => {
    const path = `${area}/canary/${name}`;
    const { mode, uid, mtimeMs } = lstatSync(path);
    return [name, mode, uid, mtimeMs, name === '.' ? '' : readFileSync(path, 'utf8')];
  });
}

/** How `action` ends: `done`, or the code of the fault. */
function outcomeOf(action: () => void): string {
  try {
    action();
    return 'done';
  } catch (error) {
    if (isFault(error)) return error.code;
    throw error;
  }
}

/** Does `action` in many rounds, each with a new tree; what is left after a round is removed. Gives the outcomes. */
function inRounds(t: Test, area: string, action: () => string): void {
  const before = stateOfCanary(area);
  const counts: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    makeTree(area);
    const outcome = action();
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    t.strictSame(stateOfCanary(area), before, 'the canary is as it was');
    for (const name of ['tree', 'copy']) while (outcomeOf(() => removeTree(`${area}/${name}`)) !== 'done');
    t.strictSame(readdirSync(area), ['canary'], 'all is removed');
  }
  t.comment(JSON.stringify(counts));
  const expected = new Set(['done', 'tree-changed', 'file-system-error', 'file-changed']);
  t.ok(
    Object.keys(counts).every((outcome) => expected.has(outcome)),
    'no other faults than of change',
  );
}

t.test('S08: removal', async (t) => {
  const area = await makeArea(t);
  inRounds(t, area, () => outcomeOf(() => removeTree(`${area}/tree`)));
});

t.test('S06: copies', async (t) => {
  const area = await makeArea(t);
  inRounds(t, area, () => {
    const outcome = outcomeOf(() => copyTree(`${area}/tree`, `${area}/copy`));
    const copy = dump(`${area}/copy`);
    t.notOk(copy.includes(secret), 'nothing of the canary was copied');
    return outcome;
  });
});

t.test('canonicalisation', async (t) => {
  const area = await makeArea(t);
  inRounds(t, area, () => outcomeOf(() => canonicaliseTree(`${area}/tree`)));
});
