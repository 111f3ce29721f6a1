import t from 'tap';
import { readTapResults } from './tap-results.ts';

const counts = (tap: string) => {
  const { passed, failed, skipped } = readTapResults(tap);
  return { passed, failed, skipped };
};

const mixed = `TAP version 14
# Subtest: sound
    ok 1 - a
    ok 2 - b
    1..2
ok 1 - sound # time=1ms

# Subtest: spoiled
    # Subtest: inner
        not ok 1 - should be equal
          ---
          diff: |
            -1
            +2
          ...
        1..1
    not ok 1 - inner
    1..1
not ok 2 - spoiled

ok 3 - rooted # SKIP needs root
ok 4 - bare
1..4
`;

t.test('counts top-level tests, whatever they hold', async (t) => {
  t.same(counts(mixed), { passed: 2, failed: 1, skipped: 1 });
});

t.test('tells the innermost failure by the names that lead to it, and every skip with its reason', async (t) => {
  const { failures, skips } = readTapResults(mixed);
  t.same(failures, [{ name: 'spoiled > inner > should be equal', facts: { diff: '-1\n+2\n' } }]);
  t.same(skips, ['rooted: needs root']);
});

t.test('failures of the same name are all told', async (t) => {
  t.equal(readTapResults('TAP version 14\nnot ok 1 - same\nnot ok 2 - same\n1..2\n').failures.length, 2);
});

t.test('a failure without any below it, and without facts, is told too', async (t) => {
  t.same(readTapResults('TAP version 14\nnot ok 1 - alone\n1..1\n').failures, [{ name: 'alone', facts: {} }]);
});

t.test('a file that skips itself is one skipped test', async (t) => {
  t.same(counts('TAP version 14\n1..0 # SKIP needs root\n'), { passed: 0, failed: 0, skipped: 1 });
  t.same(readTapResults('TAP version 14\n1..0 # SKIP needs root\n').skips, ['needs root']);
});

t.test('what stops half-way has failed', async (t) => {
  for (const tap of [
    '',
    'TAP version 14\n1..0\n',
    'TAP version 14\nok 1 - a\n',
    'TAP version 14\nok 1 - a\n1..2\n',
    'Bail out! disk full\n',
  ]) {
    t.match(counts(tap), { failed: 1 }, JSON.stringify(tap));
  }
});
