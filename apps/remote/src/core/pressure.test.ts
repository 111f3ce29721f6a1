import t from 'tap';
import { parsePressure } from './pressure.ts';

t.test('the share of the last 10 s', async (t) => {
  const text = 'some avg10=12.34 avg60=1.00 avg300=0.00 total=5\nfull avg10=99.00 avg60=0.00 avg300=0.00 total=0\n';
  t.equal(parsePressure(text), 1234);
  t.equal(parsePressure(''), undefined);
});
