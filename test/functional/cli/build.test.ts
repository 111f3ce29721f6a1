/** `cooper build`: from recipes and derivations to store paths. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { TemporaryCooper } from './temporary-cooper.ts';

const cooper = new TemporaryCooper();
t.teardown(() => cooper.remove());

const recipe = cooper.recipe(`
const lib = shell('lib', 'echo making the library; echo library > $out; echo header > $dev', { outputs: ['out', 'dev'] });
const app = shell('app', \`read x < \${lib.dev}; echo "app with $x" > $out; echo made of \${lib.dev}\`);
export default { app, lib, dev: lib.dev };
`);

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

t.test('a recipe is built, and the paths come on standard output', async (t) => {
  const { status, stdout, stderr } = await cooper.run('build', '--file', recipe, 'app');
  t.equal(status, 0, stderr);
  const [app = ''] = lines(stdout);
  t.match(app, new RegExp(`^${cooper.store}/[0-9a-z]{32}-app$`));
  t.same(lines(stdout), [app]);
  t.equal(readFileSync(app, 'utf8'), 'app with header\n');
  t.match(stderr, /^building `.*-lib\.drv'\.\.\.$/m);
  t.match(stderr, /^lib> making the library$/m);
  t.match(stderr, /^built `.*-app\.drv' in \d/m);
});

t.test('a second build says why there is nothing to do', async (t) => {
  const { status, stdout, stderr } = await cooper.run('build', '--file', recipe);
  t.equal(status, 0, stderr);
  t.equal(lines(stdout).length, 3, 'app, lib and its other output, each once');
  t.match(stderr, /^cooper: nothing to build: all 3 outputs are valid in `.*\/store' already$/m);
  t.notMatch(stderr, /building/);
});

t.test('derivations in the store, and outputs of them', async (t) => {
  const drv = (
    await cooper.run('store', 'query', '--deriver', (await cooper.run('build', '-f', recipe, 'dev')).stdout.trim())
  ).stdout.trim();
  t.match(drv, /-lib\.drv$/);
  t.equal(lines((await cooper.run('build', drv)).stdout).length, 2);
  t.match((await cooper.run('build', `${drv}!dev`)).stdout, /^\S+-lib-dev\n$/);
  t.match((await cooper.run('build', `${drv}!dev`, drv)).stdout, /^\S+-lib-dev\n\S+-lib\n$/, 'a path is printed once');
});

t.test('events as lines of JSON', async (t) => {
  const fresh = cooper.recipe(
    `export default shell('fresh', 'printf "a\\\\377b\\\\n\\\\033[31mred\\\\n"; echo > $out');`,
  );
  const { status, stdout, stderr } = await cooper.run('build', '--json', '-f', fresh);
  t.equal(status, 0, stderr);
  const events = lines(stdout).map((line) => JSON.parse(line) as { event: string; [field: string]: unknown });
  const kinds = events.map(({ event }) => event);
  t.equal(kinds[0], 'planned');
  t.equal(kinds.at(-1), 'result');
  t.ok(
    ['build-started', 'build-log', 'build-succeeded'].every((kind) => kinds.includes(kind)),
    kinds.join(' '),
  );
  const log = events.filter(({ event }) => event === 'build-log').map(({ data }) => data);
  t.ok(
    log.some((data) => typeof data === 'object' && data !== null && 'base64' in data),
    'bytes that are no text',
  );
  t.notOk(stdout.includes('\x1b'), 'control characters are escaped');
  t.match(events.at(-1), {
    exitStatus: 0,
    results: [{ status: 'built', outputs: [{ name: 'out', path: /-fresh$/ }] }],
  });
});

t.test('a dry run says what would be built', async (t) => {
  const fresh = cooper.recipe(`
const one = shell('one', 'echo > $out');
export default shell('two', \`cat \${one} > $out\`);`);
  const { status, stdout, stderr } = await cooper.run('build', '-n', '-f', fresh);
  t.equal(status, 0, stderr);
  t.equal(stdout, '');
  t.match(stderr, /^cooper: 2 derivations would be built:(\n {2}\S+-(one|two)\.drv){2}$/m);
  const json = await cooper.run('build', '-n', '--json', '-f', fresh);
  const [plan, result] = lines(json.stdout).map((line) => JSON.parse(line));
  t.match(plan, { event: 'plan', build: { length: 2 }, valid: [], unknown: [] });
  t.match(result, { event: 'result', exitStatus: 0 });
  await cooper.run('build', '-f', fresh);
  t.match((await cooper.run('build', '-n', '-f', fresh)).stderr, /^cooper: nothing would be built$/m);
});

t.test('sources of a recipe are added as they are now', async (t) => {
  cooper.file('data.txt', 'first\n');
  const copy = cooper.recipe(`export default shell('copy', \`cat \${source('data.txt')} > $out\`);`);
  const first = await cooper.run('build', '-f', copy);
  t.equal(readFileSync(first.stdout.trim(), 'utf8'), 'first\n', first.stderr);
  cooper.file('data.txt', 'second\n');
  const second = await cooper.run('build', '-f', copy);
  t.equal(readFileSync(second.stdout.trim(), 'utf8'), 'second\n');
  t.not(second.stdout, first.stdout);
});

t.test('what cannot be built is said on one line, with exit status 1', async (t) => {
  const absent = `${cooper.store}/${'0'.repeat(32)}-absent`;
  const cases: readonly [readonly string[], RegExp][] = [
    [[], /^cooper: error: no target is given/],
    [['/elsewhere/x'], /^cooper: error: `\/elsewhere\/x' is not a store path: it is not in the store/],
    [[`${absent}.drv`], /^cooper: error: cannot build missing derivation ‘.*-absent\.drv’$/m],
    [[absent], /^cooper: error: 1 path is not valid, and nobody has it:\n {2}.*-absent$/m],
    [['-f', 'nonesuch.ts'], /^cooper: error: there is no recipe `.*\/nonesuch\.ts'$/m],
    [['-f', recipe, 'nonesuch'], /^cooper: error: `.*' has nothing called `nonesuch': it exports app, lib, dev$/m],
    [['--max-jobs', 'x', recipe], /^cooper: error: --max-jobs takes a number, not `x'$/m],
    [['--nonesuch'], /^cooper: error: unknown option '--nonesuch'$/m],
  ];
  for (const [words, message] of cases) {
    const { status, stdout, stderr } = await cooper.run('build', ...words);
    t.equal(status, 1, words.join(' '));
    t.equal(stdout, '');
    t.match(stderr, message);
  }
});

t.test('with --json, the last line is the result whatever happens', async (t) => {
  const { status, stdout } = await cooper.run('build', '--json', '-f', 'nonesuch.ts');
  t.equal(status, 1);
  t.match(JSON.parse(stdout), { event: 'result', exitStatus: 1, results: [], message: /there is no recipe/ });
});
