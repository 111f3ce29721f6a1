/** What a store finds when it starts, and what it makes of it. */
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { storeContract } from '@cooper/contracts';
import { connect } from '@cooper/ipc';
import t from 'tap';
import { addText } from './recipes.ts';
import { codeOf, openStore, type StoreOptions, StorePlace, startStore } from './running-store.ts';

// Processes take their time to start on a busy machine.
t.setTimeout(120_000);

/** The log and exit code of a store that cannot start. */
async function failure(t: Parameters<typeof startStore>[0], options: StoreOptions) {
  const store = startStore(t, options);
  const { code } = await store.exited;
  return { code, log: store.log };
}

t.test('missing directories are made, as Guix has them', async (t) => {
  const { place, store } = await openStore(t);
  const mode = (path: string) => (lstatSync(path).mode & 0o7777).toString(8);
  const { storeDir, stateDir } = place;
  t.equal(mode(storeDir), process.getuid?.() === 0 ? '1775' : '755', "builds of root's store are other users");
  t.equal(mode(`${storeDir}/.cooper`), '700');
  t.equal(mode(`${stateDir}/run`), '700');
  t.equal(mode(`${stateDir}/run/bulk`), process.getuid?.() === 0 ? '660' : '600', 'for our own processes alone');
  t.equal(mode(`${stateDir}/db/big-lock`), '600');
  t.equal(mode(`${stateDir}/db/db.sqlite`), '644');
  t.equal(statSync(`${stateDir}/db/reserved`).size, 8 * 1024 * 1024);
  t.equal(readFileSync(`${stateDir}/db/schema`, 'utf8'), '7');
  t.ok(lstatSync(`${stateDir}/gcroots/profiles`).isSymbolicLink());
  t.strictSame(readdirSync(`${stateDir}/temproots`), [String(store.process.pid)]);
  await store.stop();
  t.strictSame(readdirSync(`${stateDir}/temproots`), [], 'the temporary roots go with the process');
});

t.test('a database of another schema is not touched', async (t) => {
  const place = new StorePlace(t);
  mkdirSync(`${place.stateDir}/db`, { recursive: true });
  writeFileSync(`${place.stateDir}/db/schema`, '10');
  const { code, log } = await failure(t, { place });
  t.equal(code, 71);
  t.match(log, /has schema `10', supported is 7/);
  t.match(log, /code=unknown-schema/);
  t.strictSame(readdirSync(`${place.stateDir}/db`), ['schema']);
  t.notOk(existsSync(place.storeDir));
});

t.test('one store at a time', async (t) => {
  const { place, client } = await openStore(t);
  const { code, log } = await failure(t, { place });
  t.equal(code, 71);
  t.match(log, /code=store-in-use/);
  t.equal(readdirSync(`${place.stateDir}/temproots`).length, 1, 'it takes its temporary roots with it');
  t.ok(await addText(client, 'still', 'alive'));
});

t.test('a store directory that is a symlink', async (t) => {
  const place = new StorePlace(t);
  mkdirSync(`${place.root}/elsewhere`);
  const { symlinkSync } = await import('node:fs');
  symlinkSync('elsewhere', place.storeDir);
  t.match((await failure(t, { place })).log, /code=invalid-store-directory/);
});

t.test('bad options', async (t) => {
  t.equal((await failure(t, { words: ['--fault-point=nowhere'] })).code, 64);
  t.equal((await failure(t, { words: ['--no-such-option'] })).code, 64);
  t.match((await failure(t, { words: ['--build-users-group=no-such-group'] })).log, /code=unknown-group/);
});

t.test('what an earlier store left in staging goes', async (t) => {
  const place = new StorePlace(t);
  mkdirSync(`${place.storeDir}/.cooper/half/made`, { recursive: true });
  writeFileSync(
    `${place.storeDir}/.cooper/journal`,
    '+1 ../../etc/passwd 0-odd\n-2\n\n=4 {"info\n=5 null\n=6\n+3 cut-o',
  );
  const { client } = await openStore(t, { place });
  t.strictSame(await place.left(), []);
  t.ok(await addText(client, 'a', 'a'));
});

t.test('on standard input and output', async (t) => {
  const place = new StorePlace(t);
  const program = fileURLToPath(new URL('../bin/cooper-store', import.meta.url));
  const words = [`--store-dir=${place.storeDir}`, `--state-dir=${place.stateDir}`];
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  const client = await connect(storeContract, stream, { client: 'a test' });
  t.equal(client.server, 'cooper-store');
  t.ok(await addText(client, 'a', 'a'));
  t.equal(await codeOf(client.call('queryPathInfos', { paths: ['/etc/x' as never] })), 'invalid-request');
  client.close();
  t.equal(await ended, 0, 'it ends with its only client');
});
