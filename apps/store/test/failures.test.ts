/** Failed builds that are remembered, contents that are looked at, and outputs as the database has them. */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { StorePath } from '@cooper/store-path';
import Database from 'better-sqlite3';
import t from 'tap';
import { build } from './building.ts';
import { addDerivation, addText, makeDerivation, outputOf } from './recipes.ts';
import { codeOf, openStore } from './running-store.ts';

// Processes take their time to start on a busy machine.
t.setTimeout(120_000);

const { client, place } = await openStore(t);
const { storeDir } = place;

/** Works on the database as another program does. */
function asAnother(work: (database: Database.Database) => void): void {
  const database = new Database(`${place.stateDir}/db/db.sqlite`, { timeout: 60_000 });
  work(database);
  database.close();
}

t.test('failures are remembered, told, and forgotten', async (t) => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => `${storeDir}/${name.repeat(32)}-${name}` as StorePath) as [
    StorePath,
    StorePath,
    StorePath,
  ];
  const begin = Math.floor(Date.now() / 1000) * 1000;
  const cause = "builder for `…' failed with exit code 1";
  await client.call('addFailedPaths', {
    failures: [
      { path: b, cause: '' },
      { path: a, cause },
    ],
  });
  const { failures } = await client.call('queryFailedPaths', {});
  t.strictSame(
    failures.map((each) => [each.path, each.cause]),
    [
      [a, cause],
      [b, ''],
    ],
  );
  t.ok(failures.every(({ time }) => time >= begin && time <= Date.now()));
  await client.call('addFailedPaths', { failures: [{ path: a, cause: 'another' }] });
  t.match(
    await client.call('queryFailedPaths', { paths: [a, c] }),
    { failures: [{ path: a, cause }] },
    'the first counts',
  );
  t.strictSame((await client.call('queryFailedPaths', { paths: [] })).failures, []);

  asAnother((database) => {
    t.equal(database.prepare('select count(*) from FailedPaths').pluck().get(), 2, "the rows are where Guix's are");
    database.prepare('delete from FailedPaths where path = ?').run(a);
    database.prepare('insert into FailedPaths (path, time) values (?, ?)').run(a, 12);
  });
  t.strictSame(await client.call('queryFailedPaths', { paths: [a] }), {
    failures: [{ path: a, time: 12_000, cause: '' }],
  });
  await client.call('clearFailedPaths', { paths: [b, c] });
  t.strictSame(
    (await client.call('queryFailedPaths', {})).failures.map(({ path }) => path),
    [a],
  );
  await client.call('clearFailedPaths', {});
  t.strictSame((await client.call('queryFailedPaths', {})).failures, []);
  t.equal(
    await codeOf(client.call('clearFailedPaths', { paths: [`/elsewhere${a}` as StorePath] })),
    'invalid-store-path',
  );
});

t.test('contents that are not what was registered', async (t) => {
  const paths = await Promise.all(['good', 'changed', 'gone', 'odd'].map((name) => addText(client, name, name)));
  const [good, changed, gone, odd] = paths as [StorePath, StorePath, StorePath, StorePath];
  t.strictSame(await client.call('checkContents', { paths }), { corrupt: [] });
  chmodSync(changed, 0o644);
  writeFileSync(changed, 'other');
  for (const path of [gone, odd]) rmSync(path, { force: true });
  execFileSync('mkfifo', [odd]);
  t.strictSame(await client.call('checkContents', { paths }), { corrupt: [changed, gone, odd] });
  t.strictSame(await client.call('checkContents', { paths: [good] }), { corrupt: [] });
  const none = `${storeDir}/${'a'.repeat(32)}-none` as StorePath;
  t.equal(await codeOf(client.call('checkContents', { paths: [none] })), 'path-not-valid');
});

t.test('the store answers while it hashes', async (t) => {
  const { made } = await build({ client, storeDir }, { name: 'large' }, (path) =>
    writeFileSync(path(), Buffer.alloc(2 ** 28)),
  );
  let isDone = false;
  let longest = 0;
  const checking = client.call('checkContents', { paths: [outputOf(made)] }).finally(() => (isDone = true));
  while (!isDone) {
    const begin = performance.now();
    await client.call('queryValidPaths', { paths: [outputOf(made)] });
    longest = Math.max(longest, performance.now() - begin);
    await delay(5);
  }
  t.strictSame(await checking, { corrupt: [] });
  t.comment(`the longest answer took ${Math.round(longest)} ms`);
  t.ok(longest < 2000);
});

t.test('outputs as the database has them', async (t) => {
  const made = makeDerivation(storeDir, { name: 'several', outputs: ['out', 'lib', 'doc'] });
  const never = makeDerivation(storeDir, { name: 'never-added' });
  await addDerivation(client, made);
  const text = await addText(client, 'text', 'text');
  t.strictSame(await client.call('queryDerivationOutputs', { paths: [text, made.path, never.path] }), {
    outputs: [[], ['doc', 'lib', 'out'].map((name) => ({ name, path: outputOf(made, name) })), []],
  });
});
