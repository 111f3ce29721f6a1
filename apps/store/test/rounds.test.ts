/** The same built several times, and compared. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { filesOf, inRoot, prepare, prepareInPlace, rejected, root } from './building.ts';
import { addDerivation, type MadeDerivation, makeDerivation, outputOf } from './recipes.ts';
import { openStore } from './running-store.ts';

// Processes take their time to start on a busy machine.
t.setTimeout(120_000);

const { client, place } = await openStore(t);
const { storeDir } = place;

const name = (path: string) => path.slice(storeDir.length + 1);

for (const inPlace of [false, true]) {
  const ways = inPlace ? 'in place' : 'in a root';
  /** One round: what `contents` say is made, once more. */
  const turn = async (made: MadeDerivation, contents: string, rest: object) => {
    const prepared = inPlace ? await prepareInPlace(client, made) : await prepare(client, made);
    t.strictSame(
      readdirSync(Buffer.from(prepared.directory).toString()),
      inPlace ? [] : ['root'],
      'an empty directory',
    );
    for (const { path } of prepared.missing) {
      mkdirSync(inPlace ? path : inRoot(prepared, path));
      writeFileSync(`${inPlace ? path : inRoot(prepared, path)}/file`, contents);
    }
    const where = inPlace ? {} : { root };
    return {
      ...prepared,
      registration: await client.call('registerOutputs', { build: prepared.build, ...where, ...rest }),
    };
  };

  t.test(`rounds ${ways}`, async (t) => {
    const made = makeDerivation(storeDir, { name: `rounds-${inPlace}`, outputs: ['out', 'lib'] });
    await addDerivation(client, made);
    const [lib, out] = [outputOf(made, 'lib'), outputOf(made)];
    const first = await turn(made, out, { moreRounds: true });
    t.strictSame(first.registration, { status: 'round-done' });
    t.strictSame(await client.call('queryValidPaths', { paths: [lib, out] }), { paths: [] });
    t.notOk(existsSync(out));
    t.ok(existsSync(`${out}.lock`), 'locked until the last round');
    const second = await turn(made, out, { moreRounds: true });
    t.equal(second.build, first.build, 'the same build goes on');
    t.strictSame(second.registration, { status: 'round-done' });
    const { registration } = await turn(made, out, { moreRounds: false, keepDiffering: true });
    t.match(registration, { status: 'registered', infos: [{ path: lib }, { path: out, references: [out] }] });
    t.strictSame(await place.left(), []);
    t.strictSame(
      place.items().filter((each) => [`${name(out)}-check`, `${name(out)}.lock`].includes(each)),
      [],
    );
  });

  t.test(`rounds that differ ${ways}`, async (t) => {
    const made = makeDerivation(storeDir, { name: `differing-${inPlace}` });
    await addDerivation(client, made);
    const out = outputOf(made);
    await turn(made, 'first', { moreRounds: true });
    const plain = rejected((await turn(made, 'second', { moreRounds: true })).registration);
    t.equal(plain.message, `output ‘${out}’ of ‘${made.path}’ differs from previous round`);
    t.strictSame(filesOf(plain), [[out, ['file']]]);
    t.notOk(existsSync(out), 'nothing is left');
    t.strictSame(await place.left(), []);

    await turn(made, 'first', { moreRounds: true, keepDiffering: true });
    const kept = rejected((await turn(made, 'second', { keepDiffering: true })).registration);
    t.equal(kept.message, `output ‘${out}’ of ‘${made.path}’ differs from ‘${out}-check’ from previous round`);
    t.equal(readFileSync(`${out}-check/file`, 'utf8'), 'first');
    t.equal(readFileSync(`${out}/file`, 'utf8'), 'second', 'both can be looked at');
    t.strictSame(await client.call('queryValidPaths', { paths: [out] }), { paths: [] });
    t.strictSame(await place.left(), []);

    await turn(made, 'first', { moreRounds: true });
    const given = inPlace ? await prepareInPlace(client, made) : await prepare(client, made);
    await client.call('abandonBuild', { build: given.build });
    t.strictSame(await place.left(), [], 'given up between two rounds');
    t.notOk(existsSync(`${out}.lock`));
  });
}
