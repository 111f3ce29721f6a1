/** Several commands on one store, and commands that are interrupted. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { listen, TemporaryCooper, until } from './temporary-cooper.ts';

const cooper = new TemporaryCooper();
t.teardown(() => cooper.remove());

t.test('two commands that want the same build share it', async (t) => {
  const recipe = cooper.recipe(`export default shell('shared', 'sleep 1; date +%N > $out');`);
  const [first, second] = await Promise.all([cooper.run('build', '-f', recipe), cooper.run('build', '-f', recipe)]);
  t.equal(first.status, 0, first.stderr);
  t.equal(second.status, 0, second.stderr);
  t.equal(first.stdout, second.stdout);
  t.match(first.stderr, /^building/m);
  t.match(second.stderr, /^building/m, 'both see the one build');
});

t.test('ten commands at once, from nothing', async (t) => {
  const recipes = Array.from({ length: 10 }, (_, index) =>
    cooper.recipe(`export default shell('many-${index}', 'echo ${index} > $out');`),
  );
  const ended = await Promise.all(recipes.map((recipe) => cooper.run('build', '-f', recipe)));
  for (const [index, { status, stdout, stderr }] of ended.entries()) {
    t.equal(status, 0, stderr);
    t.equal(readFileSync(stdout.trim(), 'utf8'), `${index}\n`);
  }
});

t.test('an interrupt takes the request back, and leaves nothing', async (t) => {
  const recipe = cooper.recipe(`export default shell('interrupted', 'echo begun; sleep 60; echo > $out');`);
  const build = cooper.start('build', '-f', recipe);
  const said = listen(build);
  await until(() => said().includes('> begun'), 'the build runs');
  build.process.kill('SIGINT');
  const { status, signal, stdout, stderr } = await build.ended;
  t.equal(status, null);
  t.equal(signal, 'SIGINT', 'shells learn why it has ended');
  t.equal(stdout, '');
  t.match(stderr, /^cooper: cancelling; interrupt again to quit at once$/m);
  await cooper.quiet();
  const left = readdirSync(cooper.store).filter((name) => name.includes('interrupted'));
  t.ok(
    left.every((name) => name.endsWith('.drv')),
    left.join(' '),
  );
});

t.test('one of two is interrupted: the other one goes on', async (t) => {
  const recipe = cooper.recipe(`export default shell('half', 'echo begun; sleep 2; echo > $out');`);
  const first = cooper.start('build', '-f', recipe);
  const second = cooper.start('build', '-f', recipe);
  const said = [listen(first), listen(second)];
  await until(() => said.every((text) => text().includes('building `')), 'both wait for the build');
  first.process.kill('SIGINT');
  t.equal((await first.ended).signal, 'SIGINT');
  t.match(await second.ended, { status: 0, stdout: /-half\n$/ });
});

t.test('other settings than those in force are pointed out', async (t) => {
  const recipe = cooper.recipe(`export default shell('long', 'echo begun; sleep 3; echo > $out');`);
  const first = cooper.start('build', '-f', recipe);
  const said = listen(first);
  await until(() => said().includes('begun'), 'the build runs');
  const { status, stderr } = await cooper.run(
    'build',
    '--max-jobs',
    '7',
    '-f',
    cooper.recipe(`export default shell('other', 'echo > $out');`),
  );
  t.equal(status, 0, stderr);
  t.match(
    stderr,
    /^cooper: warning: the processes of this store are running already, with other settings: .*--max-jobs=1/m,
  );
  await first.ended;
});
