/** `cooper log` and `cooper ps`: what builds have said, and what they are doing. */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { TemporaryCooper } from './temporary-cooper.ts';

const cooper = new TemporaryCooper();
t.teardown(() => cooper.remove());

for (const compression of ['gzip', 'bzip2', 'zstd', 'none']) {
  t.test(`a log that is kept with compression ${compression}`, async (t) => {
    const recipe = cooper.recipe(`
export default shell('${compression}', 'seq 20000; printf "\\\\033[31mred \\\\377\\\\n"; echo > $out');`);
    const built = await cooper.run('build', '--log-compression', compression, '-f', recipe);
    const path = built.stdout.trim();
    const log = await cooper.run('log', path);
    t.equal(log.status, 0, log.stderr);
    const expected = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join('');
    t.ok(log.stdout === `${expected}\x1b[31mred \xff\n`, 'the bytes are as the build wrote them');
    const drv = (await cooper.run('store', 'query', '--deriver', path)).stdout.trim();
    t.equal((await cooper.run('log', drv)).stdout, log.stdout, 'by the derivation');
  });
}

t.test('logs that are not there', async (t) => {
  const absent = `${cooper.store}/${'0'.repeat(32)}-absent.drv`;
  t.match(await cooper.run('log', absent), {
    status: 1,
    stderr: /^cooper: error: there is no log of `.*-absent\.drv' in `/,
  });
  const text = (await cooper.runWith('x', 'store', 'add-text', 'x')).stdout.trim();
  t.match(await cooper.run('log', text), { status: 1, stderr: /^cooper: error: what made `.*-x' is not known$/m });
});

t.test('a build that runs is seen, and its log followed', async (t) => {
  const recipe = cooper.recipe(`
export default shell('running', 'echo begun; sleep 8; echo over; echo > $out');`);
  const plan = await cooper.run('build', '--dry-run', '--json', '-f', recipe);
  const drv: string = JSON.parse(plan.stdout.split('\n')[0] ?? '').build[0];
  const building = cooper.start('build', '-f', recipe);
  let table = '';
  for (let tries = 0; tries < 50 && !/^BUILDING /m.test(table); tries++) {
    table = (await cooper.run('ps')).stdout;
    await delay(50);
  }
  const followed = cooper.run('log', '--follow', drv);
  t.match(table, /^1 of 1 build slots in use$/m);
  t.match(table, /^REQUEST +CLIENT +USER +SINCE +DONE +TARGETS\n\d+ +cooper build +\d+ /m);
  t.match(table, /^BUILDING +SINCE +PROCESS +BY +FOR\nrunning\.drv +[\d.]+s +\d+ /m);
  const snapshot = JSON.parse((await cooper.run('ps', '--json')).stdout);
  t.match(snapshot, { requests: [{ client: 'cooper build' }], slots: { builds: 1, maxBuilds: 1 } });
  const { status, stdout } = await followed;
  t.equal(status, 0);
  t.equal(stdout, 'begun\nover\n');
  t.equal((await building.ended).status, 0);
});

t.test('without processes, there is nothing to see, and none are started', async (t) => {
  await cooper.quiet();
  const elsewhere = `${cooper.directory}/elsewhere`;
  const ps = await cooper.runBare('ps', '--store-dir', `${elsewhere}/store`, '--state-dir', elsewhere);
  t.match(ps, { status: 0, stdout: '', stderr: 'cooper: no processes run for this store\n' });
  t.notOk(existsSync(elsewhere));
});
