/** `cooper derivation`: JSON out, JSON in, the same derivations. */
import { join } from 'node:path';
import t from 'tap';
import { TemporaryCooper } from './temporary-cooper.ts';

const cooper = new TemporaryCooper();
t.teardown(() => cooper.remove());

const recipe = cooper.recipe(`
const lib = shell('lib', 'echo > $out', { env: { TEXT: 'ä "quoted" \\\\n', NUMBERS: [1, 2] } });
export default shell('app', \`cat \${lib} > $out\`);`);
const built = cooper.run('build', '-f', recipe);

async function derivationOf(path: string): Promise<string> {
  return (await cooper.run('store', 'query', '--deriver', path)).stdout.trim();
}

t.test('a derivation as JSON, by its path or that of its output', async (t) => {
  const app = (await built).stdout.trim();
  const drv = await derivationOf(app);
  const shown = await cooper.run('derivation', 'show', drv);
  t.equal(shown.status, 0, shown.stderr);
  const json = JSON.parse(shown.stdout);
  t.same(Object.keys(json), [drv]);
  t.match(json[drv], { outputs: { out: { path: app } }, system: /-linux$/, builder: '/bin/sh', args: ['-c', /^cat/] });
  t.equal((await cooper.run('derivation', 'show', app)).stdout, shown.stdout);
});

t.test('what is shown can be added to another store', async (t) => {
  const drv = await derivationOf((await built).stdout.trim());
  const all = await cooper.run('derivation', 'show', '--recursive', drv);
  t.equal(Object.keys(JSON.parse(all.stdout)).length, 2, all.stderr);
  const other = ['--store-dir', cooper.store, '--state-dir', join(cooper.directory, 'other-state')];
  const added = await cooper.runBareWith(Buffer.from(all.stdout, 'latin1'), 'derivation', 'add', ...other);
  t.equal(added.status, 0, added.stderr);
  t.equal(added.stdout.trim().split('\n').at(-1), drv, 'inputs first');
  t.equal((await cooper.runBare('derivation', 'show', '-r', drv, ...other)).stdout, all.stdout);
});

t.test('what is wrong is refused, and named', async (t) => {
  const drv = await derivationOf((await built).stdout.trim());
  const { stdout } = await cooper.run('derivation', 'show', drv);
  const add = (json: string) => cooper.runWith(json, 'derivation', 'add');
  t.match(await add('{'), { status: 1, stderr: /^cooper: error: standard input is not JSON/ });
  t.match(await add(stdout.replace('"cat ', '"dog ')), {
    status: 1,
    stderr: /^cooper: error: derivation `.*-app\.drv' has incorrect output `.*', should be `.*'$/m,
  });
  t.match(await add(stdout.replace('"builder"', '"bilder"')), { status: 1, stderr: /lacks the field `builder'/ });
  const absent = `${cooper.store}/${'0'.repeat(32)}-absent.drv`;
  t.match(await cooper.run('derivation', 'show', absent), { status: 1, stderr: /-absent\.drv' is not valid$/m });
});
