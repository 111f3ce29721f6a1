/** Builds that fail: exit status, what is said, and what goes on. */
import { existsSync, rmSync } from 'node:fs';
import t from 'tap';
import { TemporaryCooper } from './temporary-cooper.ts';

const cooper = new TemporaryCooper();
t.teardown(() => cooper.remove());

t.test('a builder that fails: 100, with the end of its log', async (t) => {
  const recipe = cooper.recipe(`
const broken = shell('broken', 'for i in $(seq 30); do echo line $i; done; printf "no line feed"; exit 3');
export default shell('above', \`cat \${broken} > $out\`);`);
  const { status, stdout, stderr } = await cooper.run('build', '-f', recipe);
  t.equal(status, 100);
  t.equal(stdout, '');
  t.match(stderr, /^cooper: error: builder for `.*-broken\.drv' failed with exit code 3$/m);
  t.match(stderr, /^ {2}the last 15 lines of its log:\n {2}> line 17\n/m);
  t.match(stderr, /^ {2}> line 30\n {2}> no line feed\n {2}the whole log: cooper log \S+-broken\.drv$/m);
  t.match(stderr, /^cooper: error: cannot build derivation `.*-above\.drv': 1 dependencies couldn't be built$/m);
  t.match(stderr, /^cooper: error: build of `.*-above\.drv' failed$/m);
});

t.test('a build that takes too long: 101', async (t) => {
  const recipe = cooper.recipe(`export default shell('slow', 'sleep 60; echo > $out');`);
  const { status, stderr } = await cooper.run('build', '--timeout', '1', '-f', recipe);
  t.equal(status, 101);
  t.match(stderr, /^cooper: error: building of `.*-slow\.drv' timed out after 1 seconds$/m);
  const silent = await cooper.run('build', '--max-silent-time', '1', '-f', recipe);
  t.equal(silent.status, 101);
  t.match(silent.stderr, /timed out after 1 seconds of silence$/m);
});

t.test('an output that is not there: 1', async (t) => {
  const { status, stderr } = await cooper.run('build', '-f', cooper.recipe(`export default shell('none', 'true');`));
  t.equal(status, 1);
  t.match(stderr, /^cooper: error: .*-none/m);
});

t.test('a builder that does not exist', async (t) => {
  const recipe = cooper.recipe(`export default derivation({ name: 'x', builder: '/nonesuch/builder' });`);
  const { status, stderr } = await cooper.run('build', '-f', recipe);
  t.equal(status, 100);
  t.match(stderr, /\/nonesuch\/builder/);
});

t.test('the first failure ends the request, unless it shall go on', async (t) => {
  const recipe = cooper.recipe(`
export default [shell('a-broken', 'exit 1'), shell('b-fine', 'sleep 0.2; echo > $out')];`);
  const first = await cooper.run('build', '-f', recipe);
  t.equal(first.status, 100);
  const all = await cooper.run('build', '--keep-going', '-f', recipe);
  t.equal(all.status, 100);
  t.match(all.stdout, /^\S+-b-fine\n$/, 'what was built is printed');
});

t.test('the directory of a failed build is kept when asked for', async (t) => {
  const recipe = cooper.recipe(`export default shell('kept', 'echo content > file; exit 1');`);
  const { stderr } = await cooper.run('build', '--keep-failed', '-f', recipe);
  const directory = /note: keeping build directory `(.*)'/.exec(stderr)?.[1] ?? '';
  // As the reference has it: root finds the files in `top`, a client who was given them one level higher.
  t.ok(existsSync(`${directory}/file`) || existsSync(`${directory}/top/file`), stderr);
  rmSync(directory, { recursive: true, force: true });
});
