import { closeSync, openSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { tryLock } from '@cooper/system-calls';
import t from 'tap';
import { BuildRecords } from './build-records.ts';

t.test('a record is a leftover when nobody holds it', async (t) => {
  const records = new BuildRecords(t.testdir());
  const held = records.open();
  const left = records.open();
  const traces = { uid: 7, directory: { path: '/tmp/x', inode: '1:2' } };
  left.write({
    ...traces,
    controlGroups: [{ directory: '/a/much/longer/record/than/the/next/one', kind: 'unified', inode: '1:1' }],
  });
  left.write(traces);
  left.leave();
  const leftovers = records.leftovers();
  t.same(
    leftovers.map((record) => record.read()),
    [traces],
  );
  t.same(records.leftovers(), [], 'whoever found them holds them');
  for (const record of leftovers) record.discard();
  held.discard();
  t.same(records.leftovers(), []);
});

t.test('a record that was cut short names nothing', async (t) => {
  const records = new BuildRecords(t.testdir());
  records.open().leave();
  t.same(
    records.leftovers().map((record) => record.read()),
    [{}],
  );
});

t.test('the file of a build that has ended serves the next, and says nothing meanwhile', async (t) => {
  const directory = t.testdir();
  const records = new BuildRecords(directory);
  const first = records.open();
  first.write({ uid: 7 });
  first.discard();
  const [name = ''] = readdirSync(`${directory}/builds`);
  t.equal(readFileSync(`${directory}/builds/${name}`, 'utf8'), '');
  t.same(new BuildRecords(directory).leftovers(), [], 'it is locked');
  const second = records.open();
  const third = records.open();
  t.equal(readdirSync(`${directory}/builds`).length, 2);
  second.discard();
  records.close();
  t.equal(readdirSync(`${directory}/builds`).length, 1);
  third.discard();
  t.same(readdirSync(`${directory}/builds`), []);
});

t.test('a name that another process uses is passed over', async (t) => {
  const directory = t.testdir();
  const records = new BuildRecords(directory);
  const other = openSync(`${directory}/builds/${process.pid}-1`, 'w');
  t.ok(tryLock(other, true));
  records.open();
  t.same(readdirSync(`${directory}/builds`).sort(), [`${process.pid}-1`, `${process.pid}-2`]);
  unlinkSync(`${directory}/builds/${process.pid}-1`);
  closeSync(other);
});
