import t from 'tap';
import { formatDuration } from './duration.ts';

t.test('durations', async (t) => {
  const spans: readonly [number, string][] = [
    [0, '0.0s'],
    [-5, '0.0s'],
    [349, '0.3s'],
    [9949, '9.9s'],
    [9950, '10s'],
    [59_499, '59s'],
    [59_500, '1m00s'],
    [185_000, '3m05s'],
    [3_599_600, '1h00m'],
    [7_620_000, '2h07m'],
    [360_000_000, '100h00m'],
  ];
  for (const [milliseconds, text] of spans) t.equal(formatDuration(milliseconds), text);
});
