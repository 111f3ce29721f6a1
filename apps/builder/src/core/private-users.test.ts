import t from 'tap';
import { privateUsers } from './private-users.ts';

t.test('the range of its own, where all ids are ours', async (t) => {
  const users = privateUsers('         0          0 4294967295\n');
  t.equal(users.length, 1024);
  t.same(users[0], { uid: 0x74000000, gid: 0x74000000, groups: [0x74000000] });
  t.equal(new Set(users.map(({ uid }) => uid)).size, 1024);
});

t.test('the highest ids of a container, but for nobody', async (t) => {
  const users = privateUsers('0 100000 65536\n');
  t.equal(users.length, 1024);
  t.equal(users.at(-1)?.uid, 65_532);
  t.equal(privateUsers('0 1000 1\n1 100000 5000\n').at(-1)?.uid, 5000);
});

t.test('none where there are too few', async (t) => {
  t.same(privateUsers('0 1000 1\n'), []);
  t.same(privateUsers(''), []);
});
