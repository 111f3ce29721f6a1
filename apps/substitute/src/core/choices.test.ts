import t from 'tap';
import { lifetimeOf } from './lifetimes.ts';
import { orderForms } from './nar-choice.ts';
import { isTrickle, isWorthChanging, Pace } from './pace.ts';

const hour = 3_600_000;

t.test("lifetimes are the server's, within reason", async (t) => {
  t.equal(lifetimeOf('found', null), 36 * hour);
  t.equal(lifetimeOf('missing', null), hour);
  t.equal(lifetimeOf('found', 'public, max-age=60'), 60_000);
  t.equal(lifetimeOf('missing', 'Max-Age="300"'), 300_000);
  t.equal(lifetimeOf('found', 'max-age=99999999'), 30 * 24 * hour);
  t.equal(lifetimeOf('missing', 'max-age=99999999'), 24 * hour);
  t.equal(lifetimeOf('found', 'no-store, max-age=60'), 0);
  t.equal(lifetimeOf('found', 'max-age=-1'), 36 * hour);
  t.equal(lifetimeOf('missing', 'max-age=0'), 0);
});

t.test('the form that is soonest here comes first', async (t) => {
  const files = [
    { url: 'none', compression: 'none', fileSize: 100e6 },
    { url: 'gzip', compression: 'gzip', fileSize: 40e6 },
    { url: 'zstd', compression: 'zstd', fileSize: 35e6 },
    { url: 'lzip', compression: 'lzip', fileSize: 25e6 },
    { url: 'br', compression: 'br', fileSize: 20e6 },
  ];
  const order = (speed: number) => orderForms(files, 100e6, speed, 'none').map(({ file }) => file.url);
  t.equal(order(1e9)[0], 'none', 'nothing is packed next door');
  t.equal(order(100e6)[0], 'zstd');
  t.equal(order(1e6)[0], 'lzip', 'far away, the smallest');
  t.notOk(order(1e6).includes('br'), 'what cannot be unpacked is no choice');
  const unnamed = [{ url: 'x', compression: null }];
  t.equal(orderForms(unnamed, 10, 1e6, 'bzip2')[0]?.compression, 'bzip2');
});

t.test('a trickle is as good as nothing', async (t) => {
  const pace = new Pace(0);
  t.equal(pace.take(100, 4000), undefined);
  t.equal(pace.take(100, 5000), 40);
  t.ok(isTrickle(40));
  t.equal(pace.take(1, 9000), undefined, 'and looked at anew');
  t.equal(pace.take(49_999, 10_000), 10_000);
  t.notOk(isTrickle(10_000));
});

t.test('another cache is tried when it is likely to be much faster', async (t) => {
  t.notOk(isWorthChanging(10_000, []));
  t.notOk(isWorthChanging(1e6, [5e6, null]));
  t.ok(isWorthChanging(1e6, [10e6]));
  t.ok(isWorthChanging(10_000, [null]), 'of which nothing is known');
});
